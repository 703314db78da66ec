package dev.luthier.tensor.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.luthier.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Several safetensors files that an index file names. */
final class ShardedTensors implements TensorFile {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final Path index;
  private final List<SafeTensors> shards;
  private final Map<String, SafeTensors> home;

  private ShardedTensors(Path index, List<SafeTensors> shards, Map<String, SafeTensors> home) {
    this.index = index;
    this.shards = shards;
    this.home = home;
  }

  static ShardedTensors open(Path index) {
    List<SafeTensors> shards = new ArrayList<>();
    Map<String, SafeTensors> home = new LinkedHashMap<>();
    for (Map.Entry<String, Set<String>> e : namesByShard(index).entrySet()) {
      SafeTensors shard = SafeTensors.open(shard(index, e.getKey()));
      requireSame(index, e.getKey(), e.getValue(), shard.names());
      shards.add(shard);
      shard.names().forEach(name -> home.put(name, shard));
    }
    return new ShardedTensors(index, shards, home);
  }

  private static Map<String, Set<String>> namesByShard(Path index) {
    JsonNode map;
    try {
      map = JSON.readTree(index.toFile()).path("weight_map");
    } catch (JsonProcessingException e) {
      throw new TensorFileException(index, "is not valid JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new TensorFileException(index, "cannot be read: " + e, e);
    }
    if (!map.isObject()) {
      throw new TensorFileException(index, "has no weight_map, the object from tensors to files");
    }
    Map<String, Set<String>> byShard = new TreeMap<>();
    map.properties()
        .forEach(
            e -> {
              if (!e.getValue().isTextual()) {
                throw new TensorFileException(
                    index, "weight_map: '" + e.getKey() + "' does not name a file");
              }
              byShard.computeIfAbsent(e.getValue().asText(), k -> new TreeSet<>()).add(e.getKey());
            });
    return byShard;
  }

  /** A shard lies beside its index; a name that leads elsewhere is not followed. */
  private static Path shard(Path index, String name) {
    boolean plain =
        !name.isBlank()
            && !name.equals(".")
            && !name.equals("..")
            && name.chars().noneMatch(c -> c == '/' || c == '\\' || c == ':' || c < ' ');
    if (!plain) {
      throw new TensorFileException(
          index, "weight_map names '" + name + "', which is not a file beside the index");
    }
    Path file = index.resolveSibling(name);
    if (!Files.isRegularFile(file)) {
      throw new TensorFileException(index, "the shard " + name + " is missing; fetch it again");
    }
    return file;
  }

  private static void requireSame(Path index, String shard, Set<String> wanted, Set<String> has) {
    Set<String> missing = new TreeSet<>(wanted);
    missing.removeAll(has);
    Set<String> extra = new TreeSet<>(has);
    extra.removeAll(wanted);
    if (!missing.isEmpty() || !extra.isEmpty()) {
      throw new TensorFileException(
          index,
          "does not fit its shard "
              + shard
              + ": "
              + listed("the shard lacks", missing)
              + (missing.isEmpty() || extra.isEmpty() ? "" : "; ")
              + listed("the index does not name", extra)
              + "; are they from one download?");
    }
  }

  private static String listed(String what, Set<String> names) {
    if (names.isEmpty()) {
      return "";
    }
    String first = "'" + names.iterator().next() + "'";
    return what + " " + first + (names.size() == 1 ? "" : " and " + (names.size() - 1) + " more");
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(home.keySet());
  }

  @Override
  public TensorInfo info(String name) {
    return homeOf(name).info(name);
  }

  @Override
  public Map<String, String> metadata() {
    if (shards.isEmpty()) {
      return Map.of();
    }
    Map<String, String> agreed = new TreeMap<>(shards.get(0).metadata());
    shards.forEach(s -> agreed.entrySet().retainAll(s.metadata().entrySet()));
    return agreed;
  }

  @Override
  public Tensor tensor(String name) {
    return homeOf(name).tensor(name);
  }

  private SafeTensors homeOf(String name) {
    SafeTensors shard = home.get(name);
    if (shard == null) {
      throw TensorFileException.missing(index, name, home.keySet());
    }
    return shard;
  }

  @Override
  public void close() {
    shards.forEach(SafeTensors::close);
  }
}
