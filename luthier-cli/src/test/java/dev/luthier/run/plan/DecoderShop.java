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
import java.util.Random;

/** A small Llama with random weights and random prompts, large enough to be measured. */
final class DecoderShop {
  static final Path TOKENIZER =
      Path.of("../luthier-data/src/test/resources/golden/causal/prefixed");

  static final int WORDS = 8000;
  static final int WIDTH = 256;
  static final int KEYS = 64;
  static final int INNER = 704;
  static final int LAYERS = 4;

  private final Path folder;

  private DecoderShop(Path folder) {
    this.folder = folder;
  }

  /** Makes both in an empty folder. */
  static DecoderShop in(Path folder) throws IOException {
    DecoderShop shop = new DecoderShop(folder);
    shop.model("untied", false);
    shop.model("tied", true);
    texts(folder);
    return shop;
  }

  private void model(String name, boolean tied) throws IOException {
    model(tied).save(folder.resolve(name), DType.F32);
  }

  static Pretrained model(boolean tied) {
    ModelConfig config =
        ModelConfig.parse(
            """
            {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": %d,
             "hidden_size": %d, "intermediate_size": %d, "num_hidden_layers": %d,
             "num_attention_heads": 8, "num_key_value_heads": 2, "bos_token_id": 1,
             "eos_token_id": 2, "max_position_embeddings": 256, "tie_word_embeddings": %s}
            """
                .formatted(WORDS, WIDTH, INNER, LAYERS, tied));
    Tokenizer tokenizer = Tokenizer.load(TOKENIZER);
    return Pretrained.random(config, tokenizer, new Head.CausalLanguageModel(), Rng.Key.of(1));
  }

  /** Writes random questions and answers to {@code sums.jsonl}. */
  static void texts(Path folder) throws IOException {
    Random random = new Random(5);
    StringBuilder table = new StringBuilder();
    for (int i = 0; i < 120; i++) {
      table
          .append("{\"question\": \"")
          .append(words(random, 20 + random.nextInt(20)))
          .append("\", \"answer\": \"")
          .append(words(random, 4 + random.nextInt(8)))
          .append("\"}\n");
    }
    Files.writeString(folder.resolve("sums.jsonl"), table);
  }

  private static String words(Random random, int count) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < count; i++) {
      out.append(i == 0 ? "" : " ").append(random.nextInt(1000));
    }
    return out.toString();
  }

  /** What a recipe of four steps varies. */
  record Wish(String model, String adapt, int batch, String more, String data) {
    static Wish of(String adapt) {
      return new Wish("untied", adapt, 8, "", "");
    }

    Wish model(String wanted) {
      return new Wish(wanted, adapt, batch, more, data);
    }

    Wish batch(int wanted) {
      return new Wish(model, adapt, wanted, more, data);
    }

    /** Keys of {@code train}. */
    Wish with(String wanted) {
      return new Wish(model, adapt, batch, more + ", " + wanted, data);
    }

    Wish split(String wanted) {
      return new Wish(model, adapt, batch, more, wanted);
    }
  }

  Path recipe(Wish wish) throws IOException {
    return Files.writeString(
        folder.resolve("recipe.yaml"),
        """
        model: %s
        task: causal-language-modelling
        data:
          train:
            file: sums.jsonl
            prompt: question
            completion: answer
            prompt-format: "Question: {prompt}\\nAnswer:"
            completion-format: " {completion}"
        %s
        adapt: [%s]
        train: {epochs: 1, max-steps: 4, batch: %d, save-every: 1%s}
        output: %s
        """
            .formatted(
                wish.model(),
                wish.data(),
                wish.adapt(),
                wish.batch(),
                wish.more(),
                folder.resolve("run")));
  }
}
