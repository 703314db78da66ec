package dev.luthier.train.listener;

import dev.luthier.train.Listener;
import dev.luthier.train.TrainSpec.EarlyStoppingSpec;
import dev.luthier.train.TrainingException;
import java.util.Map;

/**
 * Early stopping (Prechelt 1998): ends the run when a score on the validation data has not improved
 * for some evaluations, and marks the best weights, to which the trainer returns.
 */
public final class EarlyStopping implements Listener {
  private final EarlyStoppingSpec spec;
  private final boolean moreIsBetter;
  private double best;
  private double without;

  /**
   * @param spec what to watch and how long to wait
   * @param moreIsBetter the direction of progress, with {@code auto} resolved
   */
  public EarlyStopping(EarlyStoppingSpec spec, boolean moreIsBetter) {
    this.spec = spec;
    this.moreIsBetter = moreIsBetter;
    this.best = moreIsBetter ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
  }

  @Override
  public Wish evaluated(Evaluation evaluation) {
    Double score = evaluation.scores().get(spec.metric());
    if (score == null) {
      throw new TrainingException(
          "early stopping watches '"
              + spec.metric()
              + "', which is not evaluated. Evaluated: "
              + String.join(", ", evaluation.scores().keySet())
              + ". Add it to `evaluate`, or watch one of these.");
    }
    double gain = moreIsBetter ? score - best : best - score;
    if (gain > spec.minDelta()) {
      best = score;
      without = 0;
      return Wish.KEEP_BEST;
    }
    without++;
    return without >= spec.patience() ? Wish.STOP : Wish.NONE;
  }

  @Override
  public String reason() {
    return "no progress on the validation data";
  }

  @Override
  public Map<String, Double> state() {
    return Map.of("best", best, "without", without);
  }

  @Override
  public void restore(Map<String, Double> saved) {
    best = saved.getOrDefault("best", best);
    without = saved.getOrDefault("without", without);
  }
}
