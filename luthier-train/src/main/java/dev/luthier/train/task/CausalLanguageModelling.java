package dev.luthier.train.task;

import com.google.auto.service.AutoService;
import dev.luthier.data.TargetKind;
import dev.luthier.data.batch.Batch;
import dev.luthier.data.batch.CausalEncoder;
import dev.luthier.data.batch.Collator;
import dev.luthier.data.batch.EncodedExample;
import dev.luthier.data.batch.Encoder;
import dev.luthier.data.batch.NothingToLearn;
import dev.luthier.data.batch.Ragged;
import dev.luthier.data.batch.Targets;
import dev.luthier.data.length.LengthPolicy;
import dev.luthier.model.Head;
import dev.luthier.model.Tokens;
import dev.luthier.model.tokenizer.Tokenizer;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Objective;
import dev.luthier.train.Task;
import dev.luthier.train.objective.CrossEntropy;
import java.util.ArrayList;
import java.util.List;

/**
 * Learns to go on with a text: each token from those before it. Of a text all tokens are learnt, of
 * a prompt with its completion those of the completion alone.
 *
 * <pre>
 *   L = Σ -log p(xᵢ | x₀ … xᵢ₋₁)      over the tokens that are learnt
 * </pre>
 *
 * <p>The weight of the loss is the number of those tokens. Logits are computed where one is to be
 * predicted, and nowhere else; exp(L / weight) is the perplexity.
 *
 * @param end whether texts and completions end with the tokenizer's end-of-text token, so that the
 *     model learns where to stop
 * @param nothingToLearn what to do with an example in which, once it is cut to length, no token is
 *     to be learnt
 */
@Technique(
    id = "obj-clm",
    key = "causal-language-modelling",
    name = "Causal language modelling",
    area = Area.TASK,
    paper = "Radford et al. 2018, \"Improving Language Understanding by Generative Pre-Training\"")
@AutoService(Task.class)
public record CausalLanguageModelling(boolean end, NothingToLearn nothingToLearn)
    implements Task.PerToken {
  /** Ends are learnt; an example with nothing to learn is an error. */
  public CausalLanguageModelling() {
    this(true, NothingToLearn.ERROR);
  }

  @Override
  public TargetKind targetKind() {
    return TargetKind.COMPLETION;
  }

  @Override
  public Head head(List<String> labels) {
    return new Head.CausalLanguageModel();
  }

  @Override
  public Objective objective() {
    return new CrossEntropy();
  }

  @Override
  public Encoder encoder(Tokenizer tokenizer, int limit, LengthPolicy policy) {
    return new CausalEncoder(tokenizer, limit, policy, end, nothingToLearn);
  }

  @Override
  public Collator collator(List<String> labels, Tokenizer tokenizer) {
    return (examples, draws) -> collate(examples);
  }

  /** The wanted logits are those of the tokens before the learnt ones. */
  private static Batch collate(List<EncodedExample> examples) {
    List<EncodedExample> sorted = Ragged.order(examples);
    List<Long> wanted = new ArrayList<>();
    List<Long> answers = new ArrayList<>();
    long start = 0;
    for (EncodedExample e : sorted) {
      boolean[] learnt = e.learnt();
      if (learnt == null || learnt[0]) {
        throw new IllegalArgumentException(
            "row " + e.row() + " does not say which tokens are learnt, or names the first");
      }
      for (int j = 1; j < e.length(); j++) {
        if (learnt[j]) {
          wanted.add(start + j - 1);
          answers.add((long) e.ids()[j]);
        }
      }
      start += e.length();
    }
    Tokens tokens = Ragged.tokens(sorted);
    return Ragged.batch(
        sorted,
        new Tokens(tokens.ids(), null, tokens.segments(), tensor(wanted)),
        new Targets.Classes(tensor(answers)));
  }

  private static Tensor tensor(List<Long> values) {
    return Tensor.of(values.stream().mapToLong(Long::longValue).toArray(), values.size());
  }
}
