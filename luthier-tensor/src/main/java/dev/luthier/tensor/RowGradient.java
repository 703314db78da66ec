package dev.luthier.tensor;

import static dev.luthier.tensor.Operation.make;

import org.jspecify.annotations.Nullable;

/**
 * The gradient of a table of which few rows were looked up: those rows alone. All others are zero.
 *
 * @param rows int64 {@code [n]}, ascending, each once
 * @param values {@code [n, width]}
 */
public record RowGradient(Tensor rows, Tensor values) {
  /**
   * Reads a gradient that {@link Functional#embeddingByRows} has left. Rows that were looked up
   * several times are summed, in the order of the look-ups.
   *
   * @param gradient as {@link Tensor#grad} gives it
   * @return null if it is whole
   */
  public static @Nullable RowGradient of(Tensor gradient) {
    if (!gradient.handle().is_sparse()) {
      return null;
    }
    Tensor summed = make("coalesce", () -> gradient.handle().coalesce(), gradient);
    Tensor rows = make("rows", () -> summed.handle().indices().select(0, 0), summed);
    Tensor values = make("values", () -> summed.handle().values(), summed);
    return new RowGradient(rows, values);
  }

  /**
   * The whole gradient.
   *
   * @param count the rows of the table
   * @return {@code [count, width]}
   */
  public Tensor whole(long count) {
    Tensor all = Tensor.zeros(values.dtype(), count, values.size(1)).to(values.device());
    return all.indexCopyInPlace(0, rows, values);
  }
}
