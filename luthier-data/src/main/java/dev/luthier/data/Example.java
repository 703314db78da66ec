package dev.luthier.data;

import org.jspecify.annotations.Nullable;

/**
 * One row of a data set.
 *
 * @param row where it stands among the data rows of its file, from 1; rows left out by a filter
 *     keep their numbers to themselves
 * @param text the text, never blank
 * @param pair the second text of a task on pairs, or null
 * @param target what is to be learnt, or null where only the text is known
 * @param group what this example must not be separated from when the data are split (an author, a
 *     conversation), or null
 */
public record Example(
    long row, String text, @Nullable String pair, @Nullable Target target, @Nullable String group) {

  /** An example that belongs to no group. */
  public Example(long row, String text, @Nullable String pair, @Nullable Target target) {
    this(row, text, pair, target, null);
  }
}
