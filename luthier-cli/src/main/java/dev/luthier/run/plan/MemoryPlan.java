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
  /** Seen in runs of 650 steps on SST-2: 1.5 GiB above the plan, whatever the adaptation. */
  private static final String CAVEAT =
      "Holds for tens of steps. The engine keeps kernels for up to 1024 shapes of matrices; a run of"
          + " hundreds of steps with batches of ever new lengths has been seen to hold 1.5 GiB more."
          + " ONEDNN_PRIMITIVE_CACHE_CAPACITY=128 in the environment keeps this small.";

  static MemoryPlan of(List<Amount> components, List<Amount> phases, long maxHeap) {
    Amount most = phases.stream().max(Comparator.comparingLong(Amount::bytes)).orElseThrow();
    return new MemoryPlan(components, phases, most.bytes(), maxHeap, CAVEAT);
  }
}
