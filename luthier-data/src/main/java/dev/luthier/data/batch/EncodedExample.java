package dev.luthier.data.batch;

import dev.luthier.data.Target;
import dev.luthier.data.image.ImageFile;
import org.jspecify.annotations.Nullable;

/**
 * An example as a model sees it.
 *
 * @param index its place in the data set, from 0; names its random draws
 * @param row its row in the file, from 1; names it to people
 * @param ids token ids, special tokens included
 * @param types segment ids, as long as {@code ids}; null where all are 0
 * @param special which tokens the tokenizer added
 * @param learnt which tokens are to be predicted from those before them; null where the task
 *     chooses. Never the first, before which there is nothing
 * @param target what is to be learnt, or null
 * @param image what the tokens are patches of; null where they are those of a text
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by nobody; boxing each token would cost.
public record EncodedExample(
    int index,
    long row,
    int[] ids,
    int @Nullable [] types,
    boolean[] special,
    boolean @Nullable [] learnt,
    @Nullable Target target,
    @Nullable ImageFile image) {
  /** A text, or texts. */
  public EncodedExample(
      int index,
      long row,
      int[] ids,
      int @Nullable [] types,
      boolean[] special,
      boolean @Nullable [] learnt,
      @Nullable Target target) {
    this(index, row, ids, types, special, learnt, target, null);
  }

  /** An example whose task chooses what is to be predicted. */
  public EncodedExample(
      int index,
      long row,
      int[] ids,
      int @Nullable [] types,
      boolean[] special,
      @Nullable Target target) {
    this(index, row, ids, types, special, null, target);
  }

  /** The same example at another place in a data set. */
  public EncodedExample at(int place) {
    return new EncodedExample(place, row, ids, types, special, learnt, target, image);
  }

  /** The number of tokens. */
  public int length() {
    return ids.length;
  }
}
