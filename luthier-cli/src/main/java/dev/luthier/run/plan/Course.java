package dev.luthier.run.plan;

import dev.luthier.tensor.Rng;
import dev.luthier.train.TrainSpec;
import dev.luthier.train.loop.BatchPlan;
import dev.luthier.train.loop.Outlook;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The course of a run: which batches its steps compute, one part after the other.
 *
 * @param stepsPerEpoch of one pass over the data
 * @param steps the parts of each step's batch, in order
 * @param saves how many checkpoints are written
 * @param evaluations how often the validation data are asked
 */
record Course(long stepsPerEpoch, List<List<BatchShape>> steps, long saves, long evaluations) {
  /**
   * Follows the loop's own plan of batches.
   *
   * @param data the training examples
   * @param seen the same as an epoch sees them, which may be smaller
   * @param whole whether the objective keeps a batch whole
   */
  static Course of(
      TrainSpec spec,
      List<BatchShape.Sequence> data,
      IntFunction<List<BatchShape.Sequence>> seen,
      boolean whole) {
    Rng.Key key = Rng.Key.of(spec.seedOfData()).with("train");
    int[] lengths = data.stream().mapToInt(BatchShape.Sequence::length).toArray();
    BatchPlan plan = new BatchPlan(lengths, spec, key);
    long perEpoch = plan.stepsPerEpoch();
    long count = plan.steps();
    Integer micro = whole ? null : spec.microBatch();
    List<List<BatchShape>> steps = new ArrayList<>();
    for (int epoch = 0; steps.size() < count; epoch++) {
      List<BatchShape.Sequence> here = seen.apply(epoch);
      for (int[] places : plan.epoch(epoch)) {
        if (steps.size() < count) {
          steps.add(parts(here, places, micro == null ? places.length : micro));
        }
      }
    }
    return new Course(
        perEpoch, steps, due(plan, spec.saveEvery()), due(plan, spec.evaluateEvery()));
  }

  private static List<BatchShape> parts(List<BatchShape.Sequence> data, int[] places, int size) {
    List<BatchShape> out = new ArrayList<>();
    for (int at = 0; at < places.length; at += size) {
      int end = Math.min(places.length, at + size);
      out.add(BatchShape.of(data, Arrays.copyOfRange(places, at, end)));
    }
    return out;
  }

  /** How often something happens that is due every so many steps, and at the end. */
  private static long due(BatchPlan plan, @Nullable Long every) {
    long steps = plan.steps();
    long full = every == null ? plan.epochOf(steps) : steps / every;
    boolean rest = every == null ? !plan.endsEpoch(steps) : steps % every != 0;
    return full + (rest ? 1 : 0);
  }

  /** How long the run will be; the last evaluation comes after the last step. */
  Outlook outlook(TrainSpec spec) {
    return new Outlook(spec, steps.size(), evaluations - 1);
  }

  /** Tokens that are learnt from. */
  long tokens() {
    return steps.stream().flatMap(List::stream).mapToLong(BatchShape::tokens).sum();
  }
}
