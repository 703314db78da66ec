package dev.luthier.train.loop;

import dev.luthier.tensor.Rng;
import dev.luthier.train.BatchOrder;
import dev.luthier.train.TrainSpec;
import dev.luthier.train.TrainingException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which examples make which batch: a function of the seed and the epoch, so that a resumed run
 * needs no saved position but the step.
 *
 * @see BatchOrder
 */
public final class BatchPlan {
  private static final int BLOCK = 50;

  private final int[] lengths;
  private final int batch;
  private final BatchOrder order;
  private final Rng.Key key;
  private final List<int[]> packs;
  private final StepCounts counts;
  private int known = -1;
  private List<int[]> ofKnown = List.of();

  /**
   * @param lengths tokens of each example
   * @param spec says how large a batch is, and in which order they come
   * @param key names the draws of the order
   */
  public BatchPlan(int[] lengths, TrainSpec spec, Rng.Key key) {
    if (lengths.length == 0) {
      throw new TrainingException("there is no example to train on");
    }
    this.lengths = lengths.clone();
    this.batch = spec.batch();
    this.order = spec.order();
    this.key = key.with("order");
    Integer tokens = spec.batchTokens();
    this.packs =
        tokens == null
            ? List.of()
            : Packing.of(lengths, longestFirst(shuffled(this.key.with("packs"))), tokens);
    this.counts = StepCounts.of(lengths.length, packs.size(), spec);
  }

  /** The number of batches of the first pass over the data; the last one may be smaller. */
  public long stepsPerEpoch() {
    return counts.first(1);
  }

  /** The steps of the whole run. */
  public long steps() {
    return counts.steps();
  }

  /** The first step of an epoch. */
  public long first(int epoch) {
    return counts.first(epoch);
  }

  /** The epoch that a step belongs to, from 0. */
  public int epochOf(long step) {
    return counts.epochOf(step);
  }

  /** Whether an epoch is over when so many steps have been made. */
  public boolean endsEpoch(long made) {
    return made > 0 && counts.first(counts.epochOf(made)) == made;
  }

  /** The passes over the data that so many steps are, counted in fractions. */
  public double epochs(long made) {
    int whole = counts.epochOf(made);
    long first = counts.first(whole);
    return whole + (made - first) / (double) (counts.first(whole + 1) - first);
  }

  /** The batch of a step, as places in the data set. */
  public int[] batch(long step) {
    int epoch = epochOf(step);
    if (epoch != known) {
      ofKnown = epoch(epoch);
      known = epoch;
    }
    return ofKnown.get((int) (step - first(epoch)));
  }

  /** The batches of one epoch, each a list of places in the data set. */
  public List<int[]> epoch(int epoch) {
    Rng.Key here = key.with(epoch);
    if (counts.vary()) {
      return ofSizes(counts.sizes(epoch), here);
    }
    return switch (order) {
      case RANDOM -> cut(shuffled(here));
      case SIMILAR_LENGTH -> similar(here);
      case LONGEST_FIRST -> cut(sortedInBlocks(shuffled(here)));
      case PACKED -> shuffled(packs, packs.size(), here);
    };
  }

  /**
   * Batches of planned sizes. Where they are of similar length, neighbours by length share a batch,
   * and chance says which batch takes its share first.
   */
  private List<int[]> ofSizes(int[] sizes, Rng.Key here) {
    int[] places = shuffled(here);
    int[] turns = IntStream.range(0, sizes.length).toArray();
    if (order != BatchOrder.RANDOM) {
      places = sortedInBlocks(places);
    }
    if (order == BatchOrder.SIMILAR_LENGTH) {
      turns = Rng.permutation(here.with("batches"), sizes.length);
    }
    int[][] out = new int[sizes.length][];
    int at = 0;
    for (int turn : turns) {
      out[turn] = Arrays.copyOfRange(places, at, at + sizes[turn]);
      at += sizes[turn];
    }
    return List.of(out);
  }

  private int[] shuffled(Rng.Key here) {
    return Rng.permutation(here, lengths.length);
  }

  private static List<int[]> shuffled(List<int[]> batches, int first, Rng.Key here) {
    List<int[]> out = new ArrayList<>(batches.size());
    for (int i : Rng.permutation(here.with("batches"), first)) {
      out.add(batches.get(i));
    }
    out.addAll(batches.subList(first, batches.size()));
    return out;
  }

  private List<int[]> similar(Rng.Key here) {
    List<int[]> batches = cut(sortedInBlocks(shuffled(here)));
    // Only full batches move, so that the one that may be smaller stays the last.
    List<int[]> out = shuffled(batches, lengths.length / batch, here);
    int[] longest = Collections.max(out, Comparator.comparingInt(this::longest));
    out.remove(longest);
    out.add(0, longest);
    return out;
  }

  private int[] sortedInBlocks(int[] places) {
    for (int at = 0; at < places.length; at += BLOCK * batch) {
      int end = Math.min(places.length, at + BLOCK * batch);
      int[] block = longestFirst(Arrays.copyOfRange(places, at, end));
      System.arraycopy(block, 0, places, at, block.length);
    }
    return places;
  }

  /** Sorts by falling length; what is equally long stays in its order. */
  private int[] longestFirst(int[] places) {
    return Arrays.stream(places)
        .boxed()
        .sorted(Comparator.comparingInt((Integer i) -> lengths[i]).reversed())
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private List<int[]> cut(int[] places) {
    List<int[]> out = new ArrayList<>();
    for (int at = 0; at < places.length; at += batch) {
      out.add(Arrays.copyOfRange(places, at, Math.min(places.length, at + batch)));
    }
    return out;
  }

  private int longest(int[] places) {
    return Arrays.stream(places).map(p -> lengths[p]).max().orElse(0);
  }
}
