package dev.luthier.data.plan;

import dev.luthier.data.DataException;
import dev.luthier.data.DataFile;
import dev.luthier.data.label.UnknownLabels;
import dev.luthier.data.length.LengthPolicy;
import dev.luthier.data.quality.DuplicatePolicy;
import dev.luthier.data.split.SplitSpec;
import org.jspecify.annotations.Nullable;

/**
 * The data section of a recipe.
 *
 * @param train what to learn from
 * @param validation what to choose the best state by; null takes it from {@code split}, or does
 *     without
 * @param test what to measure the result on; null takes it from {@code split}, or does without
 * @param split what to set aside of {@code train}
 * @param maxLength the most tokens of an example, special tokens included; null is the model's own
 *     limit
 * @param overLength what becomes of longer examples; null is {@link LengthPolicy#TRUNCATE_RIGHT}
 * @param duplicates what to do about texts that occur in training and again elsewhere; null is
 *     {@link DuplicatePolicy#REPORT}
 * @param unknownLabels what to do with labels that training does not have; null is {@link
 *     UnknownLabels#ERROR}
 */
public record DataSpec(
    DataFile train,
    @Nullable DataFile validation,
    @Nullable DataFile test,
    @Nullable SplitSpec split,
    @Nullable Integer maxLength,
    @Nullable LengthPolicy overLength,
    @Nullable DuplicatePolicy duplicates,
    @Nullable UnknownLabels unknownLabels) {

  /** Checks that nothing is asked for twice. */
  public DataSpec {
    if (train == null) {
      throw new DataException("data.train is missing; say which file to learn from");
    }
    if (maxLength != null && maxLength < 1) {
      throw new DataException("data.max-length is " + maxLength + "; it must be at least 1");
    }
    if (split != null && split.validation() == 0 && split.test() == 0) {
      throw new DataException("data.split sets nothing aside; give validation, test or both");
    }
    if (split != null && validation != null && split.validation() > 0) {
      throw new DataException(
          "data.validation names a file and data.split.validation asks for a part; keep one");
    }
    if (split != null && test != null && split.test() > 0) {
      throw new DataException(
          "data.test names a file and data.split.test asks for a part; keep one");
    }
  }

  /** Training data alone, with every default. */
  public static DataSpec of(DataFile train) {
    return new DataSpec(train, null, null, null, null, null, null, null);
  }

  /** What becomes of examples that are too long. */
  public LengthPolicy lengthPolicy() {
    return overLength == null ? LengthPolicy.TRUNCATE_RIGHT : overLength;
  }

  /** What to do about duplicates. */
  public DuplicatePolicy duplicatePolicy() {
    return duplicates == null ? DuplicatePolicy.REPORT : duplicates;
  }

  /** What to do about labels that training does not have. */
  public UnknownLabels unknownLabelPolicy() {
    return unknownLabels == null ? UnknownLabels.ERROR : unknownLabels;
  }
}
