import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.model.ModelConfig;
import dev.luthier.model.Pretrained;
import dev.luthier.model.Tokens;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.tensor.io.TensorFiles;
import dev.luthier.train.peft.PeftFolder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/**
 * Writes what a classifier with an adapter says of some texts, for {@code check_saved.py}. Arguments: the folder of the
 * model, that of the adapter, a JSON list of texts, the file to write.
 */
final class SavedLogits {
  public static void main(String[] arguments) throws Exception {
    Path base = Path.of(arguments[0]);
    Path adapter = Path.of(arguments[1]);
    String[] texts = new ObjectMapper().readValue(Path.of(arguments[2]).toFile(), String[].class);
    var head = PeftFolder.head(adapter, ModelConfig.read(base)).orElseThrow();
    Pretrained model = Pretrained.load(base, head, Rng.Key.of(0));
    PeftFolder.load(adapter, model);
    int[][] ids =
        Arrays.stream(texts).map(t -> model.tokenizer().encode(t).ids()).toArray(int[][]::new);
    int[] lengths = Arrays.stream(ids).mapToInt(row -> row.length).toArray();
    int longest = Arrays.stream(lengths).max().orElseThrow();
    long[] padded = new long[ids.length * longest];
    long[] mask = new long[ids.length * longest];
    for (int i = 0; i < ids.length; i++) {
      for (int j = 0; j < lengths[i]; j++) {
        padded[i * longest + j] = ids[i][j];
        mask[i * longest + j] = 1;
      }
    }
    int[] all = Arrays.stream(ids).flatMapToInt(Arrays::stream).toArray();
    try (Scope scope = Scope.open();
        Autograd.Guard off = Autograd.noGrad()) {
      Tokens tokens = new Tokens(Tensor.of(all), new Segments(lengths, new long[lengths.length]));
      Tensor logits = model.model().forward(tokens, Pass.EVALUATION).requireLogits();
      TensorFiles.write(
          Path.of(arguments[3]),
          Map.of(
              "input_ids", Tensor.of(padded, ids.length, longest),
              "attention_mask", Tensor.of(mask, ids.length, longest),
              "logits", logits.contiguous()));
    }
  }
}
