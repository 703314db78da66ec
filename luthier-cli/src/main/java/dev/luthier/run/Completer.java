package dev.luthier.run;

import dev.luthier.data.DataFile;
import dev.luthier.data.batch.CausalEncoder;
import dev.luthier.model.generate.Generated;
import dev.luthier.model.generate.Generation;
import dev.luthier.model.generate.Generator;
import dev.luthier.model.tokenizer.SpecialToken;
import dev.luthier.model.tokenizer.Tokenizer;
import dev.luthier.tensor.Rng;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lets a tuned model write on prompts, as it was taught: within the recipe's prompt-format. */
final class Completer {
  /** Prompts that are written on at once. */
  private static final int BATCH = 16;

  private final Tokenizer tokenizer;
  private final Generator generator;
  private final @Nullable DataFile taught;
  private final int limit;

  Completer(TunedModel tuned) {
    FinishedRun run = tuned.run();
    this.tokenizer = tuned.model().tokenizer();
    this.generator = new Generator(tuned.model());
    this.taught = run == null ? null : run.recipe().data().train();
    this.limit = tuned.limit();
  }

  /**
   * Writes on each prompt. Of a prompt that leaves no room the beginning is cut away.
   *
   * @param key names the draws, where the next token is chosen by chance
   */
  Predictor.Answers complete(List<String> prompts, Generation how, Rng.Key key) {
    List<Prediction> out = new ArrayList<>();
    int cut = 0;
    for (int at = 0; at < prompts.size(); at += BATCH) {
      List<int[]> ids = new ArrayList<>();
      for (String prompt : prompts.subList(at, Math.min(prompts.size(), at + BATCH))) {
        int[] whole = CausalEncoder.prompt(tokenizer, taught == null ? prompt : format(prompt));
        int[] fitting = fitting(whole);
        cut += fitting.length < whole.length ? 1 : 0;
        ids.add(fitting);
      }
      generator.generate(ids, how, key.with(at)).forEach(g -> out.add(completion(g)));
    }
    return new Predictor.Answers(out, cut);
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
