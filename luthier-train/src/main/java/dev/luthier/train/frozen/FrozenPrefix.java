package dev.luthier.train.frozen;

import dev.luthier.data.batch.EncodedExample;
import dev.luthier.data.batch.Ragged;
import dev.luthier.model.LayerStack;
import dev.luthier.model.Tokens;
import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/**
 * Runs the layers below everything that is trained once for each training example, and gives what
 * they gave when the example comes again.
 *
 * <p>These layers run without dropout, or they would give something else each time. They run on
 * examples in the company of the first epoch, whenever and for whatever batch that may be: in other
 * company the engine may add up a product in another order. So what they give is a function of the
 * example, and a run that is ended and resumed has the same bits although nothing of this is saved.
 *
 * <p>Tokens that are not those of the examples, such as masked ones, are computed as they come, and
 * so are images, which another epoch may show otherwise.
 */
public final class FrozenPrefix implements LayerStack.Prefix, AutoCloseable {
  /** The most bytes of hidden states that are held in memory. */
  public static final long IN_MEMORY = 256L << 20;

  private final int layers;
  private final List<EncodedExample> examples;
  private final List<List<EncodedExample>> company;
  private final int[] companyOf;
  private final StateStore store;

  /**
   * @param layers how many of the lowest layers are frozen
   * @param examples of the training data, by index
   * @param company the batches of the first epoch, or their parts
   * @param folder for what does not fit in memory
   * @param inMemory the most bytes that are held in memory
   */
  public FrozenPrefix(
      int layers,
      List<EncodedExample> examples,
      List<List<EncodedExample>> company,
      Path folder,
      long inMemory) {
    this.layers = layers;
    this.examples = examples;
    this.company = company.stream().map(Ragged::order).toList();
    this.companyOf = new int[examples.size()];
    for (int i = 0; i < company.size(); i++) {
      for (EncodedExample e : company.get(i)) {
        companyOf[e.index()] = i;
      }
    }
    this.store = new StateStore(examples.size(), folder, inMemory);
  }

  @Override
  public int layers() {
    return layers;
  }

  @Override
  public Tensor states(Tokens tokens, LayerStack.Lowest compute) {
    if (!areExamples(tokens)) {
      return compute.of(tokens);
    }
    Segments segments = tokens.segments();
    int[] wanted = new int[segments.count()];
    Arrays.setAll(wanted, i -> (int) segments.row(i));
    TreeSet<Integer> missing = new TreeSet<>();
    Arrays.stream(wanted).filter(e -> !store.has(e)).forEach(e -> missing.add(companyOf[e]));
    missing.forEach(c -> compute(company.get(c), compute));
    return gather(wanted);
  }

  private void compute(List<EncodedExample> together, LayerStack.Lowest compute) {
    try (Scope scope = Scope.open()) {
      int[] indices = together.stream().mapToInt(EncodedExample::index).toArray();
      int[] lengths = together.stream().mapToInt(EncodedExample::length).toArray();
      store.put(indices, lengths, compute.of(Ragged.tokens(together)));
    }
  }

  private Tensor gather(int... wanted) {
    long total = Arrays.stream(wanted).mapToLong(e -> examples.get(e).length()).sum();
    Tensor out = store.room(total);
    try (Scope scope = Scope.open()) {
      long at = 0;
      for (int e : wanted) {
        int length = examples.get(e).length();
        store.copy(e, out.narrow(0, at, length));
        at += length;
      }
    }
    return out;
  }

  private boolean areExamples(Tokens tokens) {
    if (tokens.pixels() != null) {
      return false;
    }
    Segments segments = tokens.segments();
    Tensor given = tokens.types();
    long[] ids = tokens.ids().toLongs();
    long[] types = given == null ? new long[ids.length] : given.toLongs();
    int at = 0;
    for (int i = 0; i < segments.count(); i++) {
      long index = segments.row(i);
      if (index < 0 || index >= examples.size()) {
        return false;
      }
      EncodedExample e = examples.get((int) index);
      if (e.length() != segments.length(i) || !same(e, ids, types, at)) {
        return false;
      }
      at += e.length();
    }
    return true;
  }

  private static boolean same(EncodedExample e, long[] ids, long[] types, int at) {
    int[] own = e.types();
    for (int j = 0; j < e.length(); j++) {
      if (e.ids()[j] != ids[at + j] || (own == null ? 0 : own[j]) != types[at + j]) {
        return false;
      }
    }
    return true;
  }

  /** Bytes of hidden states that are kept. */
  public long bytes() {
    return store.held() + store.written();
  }

  @Override
  public void close() {
    store.close();
  }
}
