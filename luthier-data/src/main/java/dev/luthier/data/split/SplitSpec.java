package dev.luthier.data.split;

import dev.luthier.data.DataException;
import org.jspecify.annotations.Nullable;

/**
 * How much of the training file is set aside, and how.
 *
 * <p>A size below 1 is a fraction of the examples, 1 and above a number of them.
 *
 * @param validation the size of the validation part; 0 for none
 * @param test the size of the test part; 0 for none
 * @param stratify {@code label}: every label has its fair share in every part; {@code none}: chance
 *     decides; null: {@code label} where every example has one label
 * @param seed the draw. It stands apart from the run's seed, so that runs with other seeds are
 *     measured on the same examples, and none is trained on what another was tested on
 */
public record SplitSpec(double validation, double test, @Nullable String stratify, long seed) {

  /** Nothing aside; a recipe says how much of what. */
  public SplitSpec() {
    this(0, 0, null, 0);
  }

  /** Checks the sizes. */
  public SplitSpec {
    requireSize("validation", validation);
    requireSize("test", test);
    if (validation < 1 && test < 1 && validation + test >= 1) {
      throw new DataException(
          "data.split: validation "
              + validation
              + " and test "
              + test
              + " leave nothing to train on; their sum must be below 1");
    }
    if (stratify != null && !stratify.equals("label") && !stratify.equals("none")) {
      throw new DataException(
          "data.split.stratify is '" + stratify + "'; it must be 'label' or 'none'");
    }
  }

  private static void requireSize(String part, double size) {
    if (!(size >= 0) || (size >= 1 && size != Math.rint(size)) || size > Integer.MAX_VALUE) {
      throw new DataException(
          "data.split."
              + part
              + " is "
              + size
              + "; give a fraction below 1 or a whole number of examples");
    }
  }
}
