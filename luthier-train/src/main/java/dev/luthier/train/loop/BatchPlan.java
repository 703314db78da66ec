package dev.luthier.train.loop;

import dev.luthier.tensor.Rng;
import dev.luthier.train.TrainingException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Which examples make which batch: a function of the seed and the epoch, so that a resumed run
 * needs no saved position but the step.
 *
 * <p>With {@code byLength}, examples are shuffled, sorted by length within blocks of fifty batches,
 * cut into batches, and the batches are shuffled; the batch of the longest example comes first, so
 * that a run that would not fit in memory fails at once.
 */
public final class BatchPlan {
  private static final int BLOCK = 50;

  private final int[] lengths;
  private final int batch;
  private final boolean byLength;
  private final Rng.Key key;

  /**
   * @param lengths tokens of each example
   * @param batch examples of a batch
   * @param byLength whether a batch holds examples of similar length
   * @param key names the draws of the order
   */
  public BatchPlan(int[] lengths, int batch, boolean byLength, Rng.Key key) {
    if (lengths.length == 0) {
      throw new TrainingException("there is no example to train on");
    }
    this.lengths = lengths.clone();
    this.batch = batch;
    this.byLength = byLength;
    this.key = key.with("order");
  }

  /** The number of batches of one pass over the data; the last one may be smaller. */
  public long stepsPerEpoch() {
    return (lengths.length + batch - 1L) / batch;
  }

  /** The batches of one epoch, each a list of places in the data set. */
  public List<int[]> epoch(int epoch) {
    Rng.Key here = key.with(epoch);
    int[] order = Rng.permutation(here, lengths.length);
    if (!byLength) {
      return cut(order);
    }
    for (int at = 0; at < order.length; at += BLOCK * batch) {
      sortLongestFirst(order, at, Math.min(order.length, at + BLOCK * batch));
    }
    List<int[]> batches = cut(order);
    // Only full batches move, so that the one that may be smaller stays the last.
    int full = order.length / batch;
    int[] shuffle = Rng.permutation(here.with("batches"), full);
    List<int[]> out = new ArrayList<>(batches.size());
    for (int i : shuffle) {
      out.add(batches.get(i));
    }
    out.addAll(batches.subList(full, batches.size()));
    int longest = 0;
    for (int i = 1; i < out.size(); i++) {
      if (longest(out.get(i)) > longest(out.get(longest))) {
        longest = i;
      }
    }
    out.add(0, out.remove(longest));
    return out;
  }

  private void sortLongestFirst(int[] order, int from, int to) {
    Integer[] block = new Integer[to - from];
    Arrays.setAll(block, i -> order[from + i]);
    Arrays.sort(block, Comparator.comparingInt((Integer i) -> lengths[i]).reversed());
    for (int i = from; i < to; i++) {
      order[i] = block[i - from];
    }
  }

  private List<int[]> cut(int[] order) {
    List<int[]> out = new ArrayList<>();
    for (int at = 0; at < order.length; at += batch) {
      out.add(Arrays.copyOfRange(order, at, Math.min(order.length, at + batch)));
    }
    return out;
  }

  private int longest(int[] places) {
    int most = 0;
    for (int p : places) {
      most = Math.max(most, lengths[p]);
    }
    return most;
  }
}
