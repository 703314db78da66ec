import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The shipped encoder, which was made without dropout, with some. */
final class Dropout {
  private Dropout() {}

  static Path model(double p) {
    Path from = Path.of("models/luthier-mini");
    Path to = Optimizers.RUNS.resolve("luthier-mini-dropout-" + p);
    try {
      Files.createDirectories(to);
      for (String file : new String[] {"model.safetensors", "tokenizer.json", "tokenizer_config.json"}) {
        Files.copy(from.resolve(file), to.resolve(file), StandardCopyOption.REPLACE_EXISTING);
      }
      ObjectMapper json = new ObjectMapper();
      ObjectNode config = (ObjectNode) json.readTree(from.resolve("config.json").toFile());
      config.put("hidden_dropout_prob", p).put("attention_probs_dropout_prob", p);
      json.writeValue(to.resolve("config.json").toFile(), config);
      return to.toAbsolutePath();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
