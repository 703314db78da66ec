package dev.luthier.run.plan;

import dev.luthier.model.Head;
import dev.luthier.model.ModelConfig;
import dev.luthier.model.Pretrained;
import dev.luthier.model.tokenizer.Tokenizer;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** A model with random weights and a table of random texts, large enough to be measured. */
public final class Workshop {
  private static final int WORDS = 8000;
  private static final int CLASSES = 4;

  private final Path folder;

  private Workshop(Path folder) {
    this.folder = folder;
  }

  /** Makes both in an empty folder. */
  public static Workshop in(Path folder) throws IOException {
    Workshop shop = new Workshop(folder);
    shop.model();
    shop.texts("train.csv", 200);
    return shop;
  }

  private void model() throws IOException {
    Path raw = Files.createDirectory(folder.resolve("raw"));
    List<String> words =
        IntStream.range(0, WORDS)
            .mapToObj(
                i -> i < 5 ? List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]").get(i) : "w" + i)
            .toList();
    Files.write(raw.resolve("vocab.txt"), words);
    ModelConfig config =
        ModelConfig.parse(
            """
            {"model_type": "bert", "vocab_size": %d, "hidden_size": 256, "num_hidden_layers": 4,
             "num_attention_heads": 4, "intermediate_size": 1024, "max_position_embeddings": 128}
            """
                .formatted(WORDS));
    Pretrained.random(config, Tokenizer.load(raw), new Head.None(), Rng.Key.of(1))
        .save(folder.resolve("model"), DType.F32);
  }

  private void texts(String name, int rows) throws IOException {
    Random random = new Random(5);
    StringBuilder table = new StringBuilder("text,label\n");
    for (int i = 0; i < rows; i++) {
      int length = 30 + random.nextInt(60);
      for (int j = 0; j < length; j++) {
        table.append(j == 0 ? "" : " ").append('w').append(5 + random.nextInt(WORDS - 5));
      }
      table.append(",class").append(i % CLASSES).append('\n');
    }
    Files.writeString(folder.resolve(name), table);
  }

  /** A recipe of four steps. */
  public Path recipe(int batch, String adapt) throws IOException {
    return recipe(batch, adapt, "");
  }

  /**
   * A recipe of four steps.
   *
   * @param more keys of {@code train}
   */
  public Path recipe(int batch, String adapt, String more) throws IOException {
    return recipe(batch, adapt, more, "");
  }

  /**
   * A recipe of four steps.
   *
   * @param more keys of {@code train}
   * @param lines further ones
   */
  public Path recipe(int batch, String adapt, String more, String lines) throws IOException {
    return Files.writeString(
        folder.resolve("recipe.yaml"),
        """
        model: model
        task: {sequence-classification: {}}
        data:
          train: {file: train.csv, text: text, label: label}
        adapt: [%s]
        train: {epochs: 1, max-steps: 4, batch: %d, save-every: 1%s}
        %s
        output: %s
        """
            .formatted(adapt, batch, more, lines, folder.resolve("run")));
  }
}
