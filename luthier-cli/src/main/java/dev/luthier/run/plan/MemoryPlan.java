package dev.luthier.run.plan;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Comparator;
import java.util.List;

/**
 * The memory a run will hold, in bytes.
 *
 * @param components what it consists of
 * @param phases what is held at the same time, for each part of the run
 * @param peak the most at any time
 * @param maxHeap the bound of the Java heap under which this holds
 * @param caveat what is not in these figures
 */
@JsonNaming(PropertyNamingStrategies.KebabCaseStrategy.class)
public record MemoryPlan(
    List<Amount> components, List<Amount> phases, long peak, long maxHeap, String caveat) {
  /**
   * A run of 400 steps on SST-2 (full, MiniLM) came to hold 1.8 GiB where its first steps had 1.5.
   */
  private static final String CAVEAT =
      "Not counted: more holes, which batches of ever new shapes leave between tensors. Long runs have held"
          + " a fifth more than their first steps.";

  static MemoryPlan of(List<Amount> components, List<Amount> phases, long maxHeap) {
    Amount most = phases.stream().max(Comparator.comparingLong(Amount::bytes)).orElseThrow();
    return new MemoryPlan(components, phases, most.bytes(), maxHeap, CAVEAT);
  }
}
