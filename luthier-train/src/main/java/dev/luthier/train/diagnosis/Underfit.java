package dev.luthier.train.diagnosis;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Underfitting: at the end of a training the loss on the training data themselves is still high.
 *
 * @param facts of the run
 * @param left the part of the loss that is left, of what it was at the beginning
 * @param falling whether the loss was still going down
 */
public record Underfit(Facts facts, double left, boolean falling) {
  /** What may be left where a head began untrained, at the loss of guessing. */
  private static final double LEFT_OF_GUESSING = 0.6;

  /** What may be left where everything was trained before. */
  private static final double LEFT_OF_TRAINED = 0.97;

  /** A fall by less than this part of the loss is none. */
  private static final double NO_FALL = 0.03;

  /** Training less than this part of the weights is training few. */
  private static final double FEW = 0.05;

  /** The part of the whole fall that must lie in the last third to go on. */
  private static final double GOES_ON = 0.1;

  /** A run of fewer steps has hardly warmed up, whatever its loss. */
  private static final long ENOUGH_STEPS = 30;

  /** The fewest stretches that show how the loss went. */
  private static final int ENOUGH_STRETCHES = 6;

  /**
   * What is known of a run that has ended.
   *
   * @param losses means of the training loss over successive stretches of equal length, of which
   *     the first is short
   * @param newHead whether a head was drawn at random
   * @param trained the part of the model's parameters that were trained
   * @param epochs passes over the data
   * @param steps that were made
   */
  public record Facts(
      List<Double> losses, boolean newHead, double trained, double epochs, long steps) {
    /** Copies the list. */
    public Facts {
      losses = List.copyOf(losses);
    }

    private boolean enough() {
      return steps >= ENOUGH_STEPS && epochs >= 1 && losses.size() >= ENOUGH_STRETCHES;
    }

    /** How far the mean of a stretch lies from the course of the losses, after the first third. */
    private double noise() {
      List<Double> later = losses.subList(losses.size() / 3, losses.size());
      double slope = (later.get(later.size() - 1) - later.get(0)) / (later.size() - 1);
      double squares = 0;
      for (int i = 1; i < later.size(); i++) {
        squares += Math.pow(later.get(i) - later.get(i - 1) - slope, 2);
      }
      return Math.sqrt(squares / (2 * (later.size() - 1)));
    }
  }

  /**
   * Judges a run; empty where it does not underfit, or where there is too little to say so: few
   * steps, data that were not all seen, or a loss that is high by less than it varies.
   */
  public static Optional<Underfit> of(Facts facts) {
    List<Double> losses = facts.losses();
    if (!facts.enough()) {
      return Optional.empty();
    }
    double first = losses.get(0);
    double last = losses.get(losses.size() - 1);
    double before = losses.get(losses.size() * 2 / 3);
    double left = last / first;
    boolean falling = before - last > GOES_ON * (first - last) && last < before;
    double bar = facts.newHead() ? LEFT_OF_GUESSING : LEFT_OF_TRAINED;
    return first > 0 && last - facts.noise() > bar * first
        ? Optional.of(new Underfit(facts, left, falling))
        : Optional.empty();
  }

  /** What was seen, one sentence. */
  public String saw() {
    return String.format(
        Locale.ROOT,
        "the training loss ended at %.4g, %.0f %% of what it was at the beginning, and %s.",
        facts.losses().get(facts.losses().size() - 1),
        100 * left,
        falling ? "was still falling" : "had stopped falling");
  }

  /** What to try, the most promising for this run first. */
  public List<String> remedies() {
    String more =
        String.format(Locale.ROOT, "more epochs (train.epochs: %.3g)", 2 * facts.epochs());
    String rate = "a higher learning rate (luthier lr-find suggests one)";
    String unfreeze =
        String.format(
            Locale.ROOT,
            "training more of the model (%.2g %% of it was trained): a larger r or more targets of"
                + " lora, fewer frozen layers, or adapt: [full]",
            100 * facts.trained());
    List<String> first = new ArrayList<>();
    if (falling) {
      first.add(more);
    }
    if (left > 1 - NO_FALL) {
      first.add(rate);
    }
    if (facts.trained() < FEW) {
      first.add(unfreeze);
    }
    LinkedHashSet<String> all = new LinkedHashSet<>(first);
    all.addAll(
        List.of(
            unfreeze,
            rate,
            more,
            "another base model, larger or nearer to the task",
            "a look at the data: wrong labels, texts cut off, prompts without an answer (luthier"
                + " inspect)"));
    return List.copyOf(all);
  }
}
