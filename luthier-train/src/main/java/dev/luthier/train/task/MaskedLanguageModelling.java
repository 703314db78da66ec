package dev.luthier.train.task;

import com.google.auto.service.AutoService;
import dev.luthier.data.TargetKind;
import dev.luthier.data.batch.Batch;
import dev.luthier.data.batch.Collator;
import dev.luthier.data.batch.EncodedExample;
import dev.luthier.data.batch.Ragged;
import dev.luthier.data.batch.Targets;
import dev.luthier.model.Head;
import dev.luthier.model.Tokens;
import dev.luthier.model.tokenizer.SpecialToken;
import dev.luthier.model.tokenizer.Tokenizer;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Objective;
import dev.luthier.train.Task;
import dev.luthier.train.TrainingException;
import dev.luthier.train.objective.CrossEntropy;
import java.util.ArrayList;
import java.util.List;

/**
 * Learns from plain text by guessing words that were hidden: of the tokens that are not special,
 * {@code probability} are chosen, and at least one of each text; of these 80% become the mask
 * token, 10% another token, 10% stay. The choice is drawn anew each epoch, as a function of the
 * seed, the epoch and the example. Logits are computed for chosen tokens only.
 *
 * @param probability share of the tokens that are chosen, in (0, 1)
 * @see <a href="https://arxiv.org/abs/1810.04805">Devlin et al. 2018, section 3.1</a>
 */
@Technique(
    id = "obj-mlm",
    key = "masked-language-modelling",
    name = "Masked language modelling",
    area = Area.TASK,
    paper = "Devlin et al. 2018, arXiv:1810.04805")
@AutoService(Task.class)
public record MaskedLanguageModelling(double probability) implements Task {
  private static final double MASKED = 0.8;
  private static final double REPLACED = 0.9;

  /** 15% of the tokens. */
  public MaskedLanguageModelling() {
    this(0.15);
  }

  /** Checks the range. */
  public MaskedLanguageModelling {
    if (!(probability > 0 && probability < 1)) {
      throw new IllegalArgumentException("probability must be in (0, 1), not " + probability);
    }
  }

  @Override
  public TargetKind targetKind() {
    return TargetKind.NONE;
  }

  @Override
  public Head head(List<String> labels) {
    return new Head.MaskedLanguageModel();
  }

  @Override
  public Objective objective() {
    return new CrossEntropy();
  }

  @Override
  public Collator collator(List<String> labels, Tokenizer tokenizer) {
    Integer mask = tokenizer.id(SpecialToken.MASK);
    if (mask == null) {
      throw new TrainingException(
          tokenizer.where() + " has no mask token, so words cannot be hidden; use another model");
    }
    int vocabulary = tokenizer.vocabSize();
    return (examples, draws) -> collate(examples, draws.with("mask"), mask, vocabulary);
  }

  private Batch collate(List<EncodedExample> examples, Rng.Key draws, int mask, int vocabulary) {
    List<EncodedExample> sorted = Ragged.order(examples);
    List<EncodedExample> hidden = new ArrayList<>();
    List<Long> wanted = new ArrayList<>();
    List<Long> answers = new ArrayList<>();
    long start = 0;
    for (EncodedExample e : sorted) {
      int[] ids = e.ids().clone();
      Rng.Key own = draws.with(e.index());
      boolean[] chosen = chosen(e, own);
      for (int j = 0; j < ids.length; j++) {
        if (!chosen[j]) {
          continue;
        }
        wanted.add(start + j);
        answers.add((long) ids[j]);
        double what = own.uniform(3L * j + 1);
        if (what < MASKED) {
          ids[j] = mask;
        } else if (what < REPLACED) {
          ids[j] = own.below(3L * j + 2, vocabulary);
        }
      }
      hidden.add(new EncodedExample(e.index(), e.row(), ids, e.types(), e.special(), e.target()));
      start += ids.length;
    }
    Tokens tokens = Ragged.tokens(hidden);
    return Ragged.batch(
        hidden,
        new Tokens(tokens.ids(), tokens.types(), tokens.segments(), tensor(wanted)),
        new Targets.Classes(tensor(answers)));
  }

  /** At least one of an example, which may be all that its batch has to learn. */
  private boolean[] chosen(EncodedExample e, Rng.Key own) {
    boolean[] out = new boolean[e.length()];
    double least = 1;
    int nearest = -1;
    for (int j = 0; j < out.length; j++) {
      double draw = own.uniform(3L * j);
      out[j] = !e.special()[j] && draw < probability;
      if (!e.special()[j] && draw < least) {
        least = draw;
        nearest = j;
      }
    }
    if (nearest >= 0) {
      out[nearest] = true;
    }
    return out;
  }

  private static Tensor tensor(List<Long> values) {
    return Tensor.of(values.stream().mapToLong(Long::longValue).toArray(), values.size());
  }
}
