package dev.luthier.tensor.io;

import java.util.List;

/**
 * What a file says about one of its tensors.
 *
 * @param type the element type
 * @param sizes the sizes of the dimensions; empty for a scalar
 * @param bytes how much room the elements take
 */
public record TensorInfo(StoredType type, List<Long> sizes, long bytes) {
  public TensorInfo {
    sizes = List.copyOf(sizes);
  }

  /** The sizes of the dimensions. */
  public long[] shape() {
    return sizes.stream().mapToLong(Long::longValue).toArray();
  }

  /** The number of elements. */
  public long count() {
    return bytes * 8 / type.bits();
  }

  @Override
  public String toString() {
    return type + sizes.toString();
  }
}
