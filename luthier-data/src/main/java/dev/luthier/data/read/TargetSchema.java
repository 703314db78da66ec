package dev.luthier.data.read;

import dev.luthier.data.DataException;
import dev.luthier.data.Dataset;
import dev.luthier.data.Example;
import dev.luthier.data.Target;
import dev.luthier.data.TargetKind;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** Whether all targets together fit the task, where one alone does not tell. */
final class TargetSchema {
  private TargetSchema() {}

  /**
   * Checks the targets of a data set.
   *
   * @throws DataException when classes are fractions, or vectors differ in length
   */
  static void require(Dataset data, TargetKind kind, @Nullable String column) {
    if (kind == TargetKind.ONE_LABEL) {
      requireClasses(data, String.valueOf(column));
    } else if (kind == TargetKind.VECTOR) {
      requireOneLength(data, String.valueOf(column));
    }
  }

  private static void requireClasses(Dataset data, String column) {
    Example fraction = null;
    for (Example example : data.examples()) {
      if (!(example.target() instanceof Target.OneLabel one)) {
        continue;
      }
      BigDecimal number = number(one.label());
      if (number == null) {
        return; // names, or names among numbers
      }
      if (fraction == null && number.stripTrailingZeros().scale() > 0) {
        fraction = example;
      }
    }
    if (fraction != null && fraction.target() instanceof Target.OneLabel one) {
      throw new DataException(
          ("column '%s' of %s holds numbers with fractions (row %d: %s), and this task wants"
                  + " classes. Use a regression task, or name the classes in words")
              .formatted(column, data.name(), fraction.row(), one.label()));
    }
  }

  private static void requireOneLength(Dataset data, String column) {
    int size = -1;
    for (Example example : data.examples()) {
      if (example.target() instanceof Target.Vector vector) {
        if (size >= 0 && vector.size() != size) {
          throw new DataException(
              "row %d of %s: column '%s' holds %d numbers, the rows before hold %d"
                  .formatted(example.row(), data.name(), column, vector.size(), size));
        }
        size = vector.size();
      }
    }
  }

  private static @Nullable BigDecimal number(String label) {
    if (label.length() > 40) {
      return null;
    }
    try {
      return new BigDecimal(label.strip());
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
