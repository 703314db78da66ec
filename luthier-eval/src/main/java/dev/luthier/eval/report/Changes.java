package dev.luthier.eval.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Examples that tuning gained and lost. Of a classification: wrong before and right after, or the
 * reverse. Of a regression: closer to the truth after, or farther. Of texts: likelier by token
 * after, or less likely.
 *
 * @param gained how many were gained
 * @param lost how many were lost
 * @param pValue of McNemar's exact test over the two counts; NaN for a regression or for texts
 * @param gainedExamples the clearest of those gained
 * @param lostExamples the clearest of those lost
 */
public record Changes(
    long gained, long lost, double pValue, List<Change> gainedExamples, List<Change> lostExamples) {
  private static final int SHOWN = 20;

  /**
   * One example.
   *
   * @param example its index in the test split, from 0
   * @param text its text, or an empty string
   * @param truth what is true, in words
   * @param base what the base model said
   * @param baseScore how sure it was of that; NaN where it gives no probability
   * @param tuned what the tuned model said
   * @param tunedScore how sure it was of that; NaN where it gives no probability
   */
  public record Change(
      int example,
      String text,
      String truth,
      String base,
      double baseScore,
      String tuned,
      double tunedScore) {}

  /** An example and how clear its change is. */
  record Weighed(Change change, double clarity) {}

  static Changes of(List<Weighed> gained, List<Weighed> lost, double pValue) {
    return new Changes(gained.size(), lost.size(), pValue, clearest(gained), clearest(lost));
  }

  private static List<Change> clearest(List<Weighed> weighed) {
    List<Weighed> sorted = new ArrayList<>(weighed);
    sorted.sort(
        Comparator.comparingDouble(Weighed::clarity)
            .reversed()
            .thenComparingInt(w -> w.change().example()));
    return sorted.stream().limit(SHOWN).map(Weighed::change).toList();
  }
}
