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

/** A small T5 with random weights, for the random prompts of {@link DecoderShop}. */
final class PairShop {
  static final int WORDS = 8000;
  static final int WIDTH = 256;
  static final int HEADS_WIDTH = 8 * 40;
  static final int INNER = 768;
  static final int LAYERS = 3;
  static final int DECODER_LAYERS = 2;

  private final Path folder;

  private PairShop(Path folder) {
    this.folder = folder;
  }

  /**
   * Makes both in an empty folder: the model {@code relu}, whose head is the table of words, and
   * {@code gated}, which has one of its own.
   */
  static PairShop in(Path folder) throws IOException {
    model(false).save(folder.resolve("relu"), DType.F32);
    model(true).save(folder.resolve("gated"), DType.F32);
    DecoderShop.texts(folder);
    return new PairShop(folder);
  }

  static Pretrained model(boolean gated) {
    ModelConfig config =
        ModelConfig.parse(
            """
            {"model_type": "t5", "architectures": ["T5ForConditionalGeneration"],
             "vocab_size": %d, "d_model": %d, "d_kv": 40, "num_heads": 8, "d_ff": %d,
             "num_layers": %d, "num_decoder_layers": %d, "feed_forward_proj": "%s",
             "tie_word_embeddings": %s, "eos_token_id": 2, "pad_token_id": 0,
             "decoder_start_token_id": 0, "initializer_factor": 0.5}
            """
                .formatted(
                    WORDS,
                    WIDTH,
                    INNER,
                    LAYERS,
                    DECODER_LAYERS,
                    gated ? "gated-gelu" : "relu",
                    !gated));
    Tokenizer tokenizer = Tokenizer.load(DecoderShop.TOKENIZER);
    return Pretrained.random(config, tokenizer, new Head.SequenceToSequence(), Rng.Key.of(1));
  }

  /**
   * A recipe of three steps.
   *
   * @param more keys of {@code train}
   * @param lines further ones, and parts of the data
   */
  Path recipe(String model, int batch, String adapt, String more, String lines) throws IOException {
    return Files.writeString(
        folder.resolve("recipe.yaml"),
        """
        model: %s
        task: sequence-to-sequence
        data:
          train:
            file: sums.jsonl
            prompt: question
            completion: answer
            prompt-format: "answer: {prompt}"
        %s
        adapt: [{%s}]
        train: {epochs: 1, max-steps: 3, batch: %d, save-every: 1%s}
        output: %s
        """
            .formatted(model, lines, adapt, batch, more, folder.resolve("run")));
  }
}
