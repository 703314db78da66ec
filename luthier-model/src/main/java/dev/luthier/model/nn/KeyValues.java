package dev.luthier.model.nn;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Tensor;
import java.util.Arrays;

/**
 * What each layer of a decoder keeps of one sequence that it has read: keys and values, so that
 * further tokens can attend to them without reading the sequence again. All its memory, 2 · layers
 * · capacity · groups · width elements, is taken when it is made and belongs to the scope open
 * then.
 */
public final class KeyValues implements AutoCloseable {
  private final Tensor[] keys;
  private final Tensor[] values;
  private final Tensor[] otherKeys;
  private final Tensor[] otherValues;
  private final long[] ids;
  private int length;
  private int otherLength;

  /**
   * Takes room for a sequence.
   *
   * @param capacity the most tokens it will have
   * @param groups heads of keys and values of a layer
   * @param width of each
   */
  public KeyValues(int layers, int capacity, long groups, long width, DType type) {
    this(layers, capacity, 0, groups, width, type);
  }

  /**
   * Takes room for a sequence and for what its layers look up in another one, which does not grow.
   *
   * @param capacity the most tokens it will have
   * @param other the most tokens of the other sequence; 0 if there is none
   * @param groups heads of keys and values of a layer
   * @param width of each
   */
  public KeyValues(int layers, int capacity, int other, long groups, long width, DType type) {
    this.keys = new Tensor[layers];
    this.values = new Tensor[layers];
    this.otherKeys = new Tensor[other == 0 ? 0 : layers];
    this.otherValues = new Tensor[otherKeys.length];
    this.ids = new long[capacity];
    for (int i = 0; i < layers; i++) {
      keys[i] = Tensor.zeros(type, capacity, groups, width);
      values[i] = Tensor.zeros(type, capacity, groups, width);
    }
    for (int i = 0; i < otherKeys.length; i++) {
      otherKeys[i] = Tensor.zeros(type, other, groups * width);
      otherValues[i] = Tensor.zeros(type, other, groups * width);
    }
  }

  /**
   * Stores what a layer looks up in the other sequence.
   *
   * @param k its keys {@code [other, groups * width]}
   * @param v its values, likewise
   */
  public void keepOther(int layer, Tensor k, Tensor v) {
    int n = Math.toIntExact(k.size(0));
    if (otherKeys.length == 0 || n > otherKeys[layer].size(0)) {
      throw new IllegalStateException("there is no room for " + n + " tokens of another sequence");
    }
    otherKeys[layer].narrow(0, 0, n).copyFrom(k);
    otherValues[layer].narrow(0, 0, n).copyFrom(v);
    otherLength = n;
  }

  /** The keys of the other sequence {@code [other, groups * width]}. */
  public Tensor otherKeys(int layer) {
    return otherKeys[layer].narrow(0, 0, otherLength);
  }

  /** The values of the other sequence {@code [other, groups * width]}. */
  public Tensor otherValues(int layer) {
    return otherValues[layer].narrow(0, 0, otherLength);
  }

  /** The tokens read so far. */
  public int length() {
    return length;
  }

  /**
   * Stores what a layer made of the tokens that come next.
   *
   * @param fresh {@code [n, groups, width]}
   * @return the keys of all tokens {@code [length + n, groups, width]}, until the next are stored
   */
  public Tensor keys(int layer, Tensor fresh) {
    return store(keys[layer], fresh);
  }

  /** The same for values. */
  public Tensor values(int layer, Tensor fresh) {
    return store(values[layer], fresh);
  }

  private Tensor store(Tensor all, Tensor fresh) {
    long n = fresh.size(0);
    if (length + n > ids.length) {
      throw new IllegalStateException(
          "there is room for " + ids.length + " tokens, not for " + (length + n));
    }
    all.narrow(0, length, n).copyFrom(fresh);
    return all.narrow(0, 0, length + n);
  }

  /** Counts tokens as read once every layer has stored what it made of them. */
  public void advance(long[] further) {
    System.arraycopy(further, 0, ids, length, further.length);
    length += further.length;
  }

  /** The ids of the tokens read so far. */
  public long[] ids() {
    return Arrays.copyOf(ids, length);
  }

  /** Counts nothing as read any more; the memory stays. */
  public void forget() {
    length = 0;
  }

  /** Frees the memory before its scope does. */
  @Override
  public void close() {
    for (int i = 0; i < keys.length; i++) {
      keys[i].close();
      values[i].close();
    }
    for (int i = 0; i < otherKeys.length; i++) {
      otherKeys[i].close();
      otherValues[i].close();
    }
  }
}
