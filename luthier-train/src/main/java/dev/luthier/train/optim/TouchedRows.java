package dev.luthier.train.optim;

import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.RowGradient;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Gradients;
import dev.luthier.train.OptimizerState;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a table that ever had a gradient. Moments of the others are zero, so they need
 * neither be kept nor computed: of a vocabulary of 30,000 words, a task may know 3,000.
 *
 * <p>State: of each row of the table its place among those touched, or -1, as int64; and whatever
 * moments the optimizer keeps, for touched rows alone, with room for more.
 */
final class TouchedRows {
  private final Parameter table;
  private final OptimizerState state;
  private final Tensor rows;
  private final Tensor gradient;
  private final long count;

  private TouchedRows(
      Parameter table, OptimizerState state, Tensor rows, Tensor gradient, long count) {
    this.table = table;
    this.state = state;
    this.rows = rows;
    this.gradient = gradient;
    this.count = count;
  }

  /**
   * Takes note of the rows that a step has touched.
   *
   * @return null where all rows are kept, because the gradient has always been whole, or once was
   */
  static @Nullable TouchedRows of(Parameter table, Gradients gradients, OptimizerState state) {
    RowGradient now = gradients.rows(table);
    boolean begun = state.has(table, "places");
    if (!begun && (now == null || state.has(table, "count"))) {
      return null;
    }
    if (now == null) { // Whole for once: every row is touched.
      Tensor every = Tensor.of(LongStream.range(0, table.shape()[0]).toArray(), table.shape()[0]);
      now = new RowGradient(every, gradients.of(table));
    }
    return note(table, now, state);
  }

  private static TouchedRows note(Parameter table, RowGradient now, OptimizerState state) {
    long all = table.shape()[0];
    Tensor places = state.of(table, "places", () -> Tensor.zeros(DType.I64, all).fill(-1));
    Tensor rows = state.of(table, "rows", () -> Tensor.zeros(DType.I64, all));
    Tensor counted = state.of(table, "touched", () -> Tensor.zeros(DType.I64, 1));
    long[] touched = now.rows().toLongs();
    long[] at = places.indexSelect(0, now.rows()).toLongs();
    long before = counted.toLongs()[0];
    long count = before;
    long[] fresh = new long[touched.length];
    for (int i = 0; i < at.length; i++) {
      if (at[i] < 0) {
        fresh[(int) (count - before)] = touched[i];
        at[i] = count++;
      }
    }
    Tensor index = Tensor.of(at, at.length);
    if (count > before) {
      int n = (int) (count - before);
      var unused = places.indexCopyInPlace(0, now.rows(), index);
      unused = rows.narrow(0, before, n).copyFrom(Tensor.of(Arrays.copyOf(fresh, n), n));
      unused = counted.fill((double) count);
    }
    Tensor gradient =
        Tensor.zeros(now.values().dtype(), count, now.values().size(1))
            .indexCopyInPlace(0, index, now.values());
    return new TouchedRows(table, state, rows.narrow(0, 0, count), gradient, count);
  }

  /** The gradient of all rows that were ever touched {@code [touched, width]}. */
  Tensor gradient() {
    return gradient;
  }

  /** A copy of the values of these rows {@code [touched, width]}. */
  Tensor values() {
    return table.value().detach().indexSelect(0, rows);
  }

  /**
   * Puts values of these rows into the table.
   *
   * @param others what all other rows are multiplied by
   */
  void write(Tensor values, double others) {
    Tensor whole = table.value().detach();
    if (others != 1) {
      var unused = whole.mulInPlace(others);
    }
    var unused = whole.indexCopyInPlace(0, rows, values);
  }

  /** A moment of these rows {@code [touched, width]}, zero where a row is new. */
  Tensor moment(String what) {
    long width = gradient.size(1);
    Tensor kept = state.of(table, what, () -> Tensor.zeros(gradient.dtype(), room(), width));
    if (kept.size(0) < count) {
      Tensor wider = Tensor.zeros(kept.dtype(), room(), width);
      var unused = wider.narrow(0, 0, kept.size(0)).copyFrom(kept);
      state.replace(table, what, wider);
      kept = wider;
    }
    return kept.narrow(0, 0, count);
  }

  private long room() {
    return Math.min(table.shape()[0], count + count / 2);
  }
}
