package dev.luthier.run;

import dev.luthier.data.DataFile;
import dev.luthier.data.batch.CausalEncoder;
import dev.luthier.data.batch.SequenceToSequenceEncoder;
import dev.luthier.model.generate.Generated;
import dev.luthier.model.generate.Generation;
import dev.luthier.model.generate.Generator;
import dev.luthier.model.tokenizer.Encoding;
import dev.luthier.model.tokenizer.SpecialToken;
import dev.luthier.model.tokenizer.Tokenizer;
import dev.luthier.tensor.Rng;
import dev.luthier.train.task.SequenceToSequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lets a tuned model write on prompts, as it was taught: within the recipe's prompt-format. An
 * encoder-decoder gets the prompt as its source, and writes the target.
 */
final class Completer {
  /** Prompts that are written on at once. */
  private static final int BATCH = 16;

  private final Tokenizer tokenizer;
  private final Generator generator;
  private final @Nullable DataFile taught;
  private final int limit;
  private final @Nullable SequenceToSequenceEncoder sources;

  Completer(TunedModel tuned) {
    FinishedRun run = tuned.run();
    this.tokenizer = tuned.model().tokenizer();
    this.generator = new Generator(tuned.model());
    this.taught = run == null ? null : run.recipe().data().train();
    this.limit = tuned.limit();
    this.sources =
        tuned.task() instanceof SequenceToSequence task
            ? task.encoder(tokenizer, limit, tuned.overLength())
            : null;
  }

  /**
   * Writes on each prompt. Of a prompt that leaves no room the beginning is cut away; of a source
   * that is too long, what was cut in training.
   *
   * @param key names the draws, where the next token is chosen by chance
   */
  Predictor.Answers complete(List<String> prompts, Generation how, Rng.Key key) {
    List<Prediction> out = new ArrayList<>();
    int cut = 0;
    for (int at = 0; at < prompts.size(); at += BATCH) {
      List<int[]> ids = new ArrayList<>();
      for (String prompt : prompts.subList(at, Math.min(prompts.size(), at + BATCH))) {
        Read read = read(taught == null ? prompt : format(prompt));
        cut += read.cut() ? 1 : 0;
        ids.add(read.ids());
      }
      generator.generate(ids, how, key.with(at)).forEach(g -> out.add(completion(g)));
    }
    return new Predictor.Answers(out, cut);
  }

  /**
   * What the model is given.
   *
   * @param cut whether some of the prompt is missing
   */
  @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
  private record Read(int[] ids, boolean cut) {}

  private Read read(String prompt) {
    if (sources != null) {
      Encoding source = sources.source(prompt);
      return new Read(source.ids(), source.truncated() > 0);
    }
    int[] whole = CausalEncoder.prompt(tokenizer, prompt);
    int[] fitting = fitting(whole);
    return new Read(fitting, fitting.length < whole.length);
  }

  private String format(String prompt) {
    return taught == null ? prompt : taught.formattedPrompt(prompt);
  }

  private int[] fitting(int[] ids) {
    if (ids.length < limit) {
      return ids;
    }
    int[] out = Arrays.copyOfRange(ids, ids.length - (limit - 1), ids.length);
    Integer first = tokenizer.id(SpecialToken.BOS);
    if (first != null && ids[0] == first) {
      out[0] = first;
    }
    return out;
  }

  private static Prediction completion(Generated g) {
    String text = g.text();
    return new Prediction.Completion(
        text == null ? "" : text, g.ids().size(), g.end() == Generated.End.TOKEN);
  }
}
