package dev.luthier.tensor.io;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.luthier.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which tensor goes into which shard.
 *
 * @param shards the tensors of each, in order
 */
record ShardPlan(List<Map<String, Tensor>> shards) {
  static final String SUFFIX = ".safetensors";
  private static final String INDEX = SUFFIX + ".index.json";

  private static final DefaultPrettyPrinter LAYOUT =
      new DefaultPrettyPrinter()
          .withSeparators(
              Separators.createDefaultInstance()
                  .withObjectFieldValueSpacing(Separators.Spacing.AFTER))
          .withObjectIndenter(new DefaultIndenter("  ", "\n"));

  /** Fills shard after shard; a tensor above the limit gets one of its own. */
  static ShardPlan of(Map<String, Tensor> tensors, long maxShardBytes) {
    List<Map<String, Tensor>> shards = new ArrayList<>();
    Map<String, Tensor> current = new LinkedHashMap<>();
    long bytes = 0;
    for (Map.Entry<String, Tensor> e : tensors.entrySet()) {
      long more = e.getValue().bytes();
      if (more > maxShardBytes) {
        shards.add(Map.of(e.getKey(), e.getValue()));
        continue;
      }
      if (bytes + more > maxShardBytes) {
        shards.add(current);
        current = new LinkedHashMap<>();
        bytes = 0;
      }
      current.put(e.getKey(), e.getValue());
      bytes += more;
    }
    if (!current.isEmpty() || shards.isEmpty()) {
      shards.add(current);
    }
    return new ShardPlan(shards);
  }

  /**
   * All shards are safe on disk before the first takes its place, and the index of an earlier save
   * goes before that: a mixture of two saves cannot be mistaken for either.
   */
  List<Path> write(Path folder, String stem, Map<String, String> metadata) {
    List<Path> files = new ArrayList<>();
    List<StagedFile> staged = new ArrayList<>();
    Path index = folder.resolve(stem + INDEX);
    try {
      for (int i = 0; i < shards.size(); i++) {
        files.add(folder.resolve(fileName(stem, i)));
        staged.add(TensorFiles.stage(files.get(i), shards.get(i), metadata));
      }
      Files.deleteIfExists(index);
      staged.forEach(StagedFile::commit);
      if (shards.size() > 1) {
        byte[] json = index(stem);
        StagedFile.replace(index, json.length, out -> out.write(ByteBuffer.wrap(json)));
        files.add(index);
      }
      removeLeftovers(folder, stem, files);
      return files;
    } catch (IOException e) {
      throw new TensorFileException(folder, "cannot be written: " + e, e);
    } finally {
      staged.forEach(StagedFile::close);
    }
  }

  private String fileName(String stem, int shard) {
    return shards.size() == 1
        ? stem + SUFFIX
        : "%s-%05d-of-%05d%s".formatted(stem, shard + 1, shards.size(), SUFFIX);
  }

  private byte[] index(String stem) {
    long bytes = 0;
    long parameters = 0;
    Map<String, String> home = new TreeMap<>();
    for (int i = 0; i < shards.size(); i++) {
      for (Map.Entry<String, Tensor> e : shards.get(i).entrySet()) {
        bytes += e.getValue().bytes();
        parameters += e.getValue().count();
        home.put(e.getKey(), fileName(stem, i));
      }
    }
    JsonMapper json = new JsonMapper();
    ObjectNode root = json.createObjectNode();
    root.putObject("metadata").put("total_parameters", parameters).put("total_size", bytes);
    ObjectNode map = root.putObject("weight_map");
    home.forEach(map::put);
    try {
      return (json.writer(LAYOUT).writeValueAsString(root) + "\n").getBytes(StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void removeLeftovers(Path folder, String stem, List<Path> written)
      throws IOException {
    Pattern ours =
        Pattern.compile(Pattern.quote(stem) + "(-\\d{5}-of-\\d{5})?" + Pattern.quote(SUFFIX));
    try (Stream<Path> files = Files.list(folder)) {
      for (Path f : files.toList()) {
        if (ours.matcher(f.getFileName().toString()).matches()
            && !written.contains(folder.resolve(f.getFileName()))) {
          Files.delete(f);
        }
      }
    }
  }
}
