package dev.luthier.train.loop;

import dev.luthier.train.Schedule;
import dev.luthier.train.TrainSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How many examples each step takes, and so how many steps a pass over the data has: a function of
 * the recipe and the number of examples.
 *
 * <p>Where the size is scheduled, the schedule counts by the examples that were seen: n of them are
 * the step ⌊n / batch⌋ of a run with {@code batch} throughout.
 */
final class StepCounts {
  private final int examples;
  private final int batch;
  private final double epochs;
  private final @Nullable Long maxSteps;
  private final long perEpoch;
  private final @Nullable Schedule schedule;

  /** The first step of each epoch, as far as it was asked for. */
  private final List<Long> firsts = new ArrayList<>(List.of(0L));

  private StepCounts(int examples, long perEpoch, TrainSpec spec) {
    this.examples = examples;
    this.batch = spec.batch();
    this.epochs = spec.epochs();
    this.maxSteps = spec.maxSteps();
    this.perEpoch = perEpoch;
    this.schedule = spec.schedules().batch();
  }

  /**
   * @param packs how many there are, where examples are packed
   */
  static StepCounts of(int examples, int packs, TrainSpec spec) {
    long perEpoch = packs > 0 ? packs : (examples + spec.batch() - 1L) / spec.batch();
    return new StepCounts(examples, perEpoch, spec);
  }

  /** Whether the size is scheduled. */
  boolean vary() {
    return schedule != null;
  }

  /** The steps of the run. */
  long steps() {
    int whole = (int) Math.min(Integer.MAX_VALUE - 1, Math.floor(epochs));
    long planned =
        schedule == null
            ? Math.round(epochs * perEpoch)
            : first(whole) + Math.round((epochs - whole) * (first(whole + 1) - first(whole)));
    return Math.max(1, maxSteps == null ? planned : Math.min(planned, maxSteps));
  }

  /** The first step of an epoch. */
  long first(int epoch) {
    if (schedule == null) {
      return epoch * perEpoch;
    }
    for (int e = firsts.size() - 1; e < epoch; e++) {
      firsts.add(firsts.get(e) + sizes(e).length);
    }
    return firsts.get(epoch);
  }

  /** The epoch of a step. */
  int epochOf(long step) {
    if (schedule == null) {
      return (int) (step / perEpoch);
    }
    int epoch = 0;
    while (first(epoch + 1) <= step) {
      epoch++;
    }
    return epoch;
  }

  /** The sizes of the batches of an epoch. */
  int[] sizes(int epoch) {
    int[] out = new int[examples];
    int n = 0;
    for (int seen = 0; seen < examples; n++) {
      out[n] = Math.min(examples - seen, size((long) epoch * examples + seen));
      seen += out[n];
    }
    return Arrays.copyOf(out, n);
  }

  /** The size of the batch that follows so many examples. */
  private int size(long seen) {
    Schedule moves = schedule;
    if (moves == null) {
      return batch;
    }
    long nominal = Math.max(1, Math.round(epochs * perEpoch));
    long steps = maxSteps == null ? nominal : Math.min(nominal, maxSteps);
    double factor = moves.factor(Math.min(seen / batch, steps - 1), steps);
    return (int) Math.max(1, Math.round(Math.min(batch * factor, Integer.MAX_VALUE)));
  }
}
