package dev.luthier.tensor.io;

import dev.luthier.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/**
 * Named tensors in a safetensors file, or in the shards that an index names. Opening reads the
 * headers and checks all of them; data is read from disk when it is first touched.
 *
 * <p>Safe for use by several threads.
 */
public sealed interface TensorFile extends AutoCloseable permits SafeTensors, ShardedTensors {
  /**
   * Opens {@code *.safetensors}, or all shards of a {@code *.index.json}.
   *
   * @throws TensorFileException if there is no such file, or it breaks a rule of the format
   */
  static TensorFile open(Path file) {
    if (Files.isDirectory(file)) {
      throw new TensorFileException(
          file, "is a folder; name the .safetensors or .safetensors.index.json file in it");
    }
    if (!Files.exists(file)) {
      throw new TensorFileException(file, "there is no such file");
    }
    return file.getFileName().toString().endsWith(".index.json")
        ? ShardedTensors.open(file)
        : SafeTensors.open(file);
  }

  /** The names of the tensors, in the order in which their data lies in the file. */
  Set<String> names();

  /**
   * What is known of a tensor without reading it.
   *
   * @throws TensorFileException if the file has no tensor of this name
   */
  TensorInfo info(String name);

  /** Free text the writer left; of shards, what they agree on. */
  Map<String, String> metadata();

  /**
   * The tensor of this name, on the CPU, without copying. It may be changed in place; the file
   * stays as it is. It may be used after this file is closed.
   *
   * @throws TensorFileException if the file has no tensor of this name, the engine no such type, or
   *     the file was changed since it was opened
   */
  Tensor tensor(String name);

  /** Lets go of the file. Tensors taken from it stay valid. */
  @Override
  void close();
}
