package dev.luthier.tensor.io;

import dev.luthier.tensor.Memory;
import dev.luthier.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Writes safetensors files. The bytes depend on names, values and metadata alone, and are those of
 * the format's own library. Data goes from the tensors to the file without a copy in the heap.
 */
public final class TensorFiles {
  /** The metadata without which some readers refuse a file. */
  public static final Map<String, String> DEFAULT_METADATA = Map.of("format", "pt");

  private TensorFiles() {}

  /** {@link #write(Path, Map, Map)} with {@link #DEFAULT_METADATA}. */
  public static void write(Path file, Map<String, Tensor> tensors) {
    write(file, tensors, DEFAULT_METADATA);
  }

  /**
   * Writes a file, whole or not at all: an older file of this name is replaced only when the new
   * one is safe on disk.
   *
   * @param metadata written as it is; left out if empty
   * @throws TensorFileException if it cannot be written (nothing is changed then), a tensor is
   *     called {@code __metadata__}, or two tensors share memory, in which case store one of them,
   *     or a copy
   */
  public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
    requireDistinct(file, tensors);
    try (StagedFile staged = stage(file, tensors, metadata)) {
      staged.commit();
    }
  }

  /**
   * Writes {@code stem.safetensors}, or, if that would exceed the limit, shards {@code
   * stem-00001-of-00003.safetensors} and their {@code stem.safetensors.index.json}, and removes
   * what an earlier save of the same stem left. A tensor is never split.
   *
   * @param tensors in the order in which shards are filled
   * @param maxShardBytes limit of a shard's data, exceeded only by a single larger tensor
   * @return the files written, the index last
   */
  public static List<Path> writeSharded(
      Path folder,
      String stem,
      Map<String, Tensor> tensors,
      Map<String, String> metadata,
      long maxShardBytes) {
    requireDistinct(folder.resolve(stem + ShardPlan.SUFFIX), tensors);
    return ShardPlan.of(tensors, maxShardBytes).write(folder, stem, metadata);
  }

  static StagedFile stage(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
    HeaderWriter header = HeaderWriter.of(file, tensors, metadata);
    long data = tensors.values().stream().mapToLong(Tensor::bytes).sum();
    return StagedFile.write(
        file,
        header.head().remaining() + data,
        out -> {
          ByteBuffer head = header.head().duplicate();
          while (head.hasRemaining()) {
            out.write(head);
          }
          for (Map.Entry<String, Tensor> e : header.order()) {
            Memory.write(e.getValue(), out);
          }
        });
  }

  private static void requireDistinct(Path file, Map<String, Tensor> tensors) {
    record Placed(String name, Memory.Extent extent) {}
    List<Placed> placed =
        tensors.entrySet().stream()
            .map(e -> new Placed(e.getKey(), Memory.extent(e.getValue())))
            .filter(p -> p.extent().start() < p.extent().end())
            .sorted(
                Comparator.comparing((Placed p) -> p.extent().device().toString())
                    .thenComparingLong(p -> p.extent().start()))
            .toList();
    for (int i = 1; i < placed.size(); i++) {
      Placed a = placed.get(i - 1);
      Placed b = placed.get(i);
      if (a.extent().overlaps(b.extent())) {
        throw new TensorFileException(
            file,
            "'"
                + a.name()
                + "' and '"
                + b.name()
                + "' share memory and would be stored twice; store one of them, or a copy");
      }
    }
  }
}
