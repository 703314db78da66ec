package dev.luthier.model;

import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.tensor.io.TensorFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Fills a network from a checkpoint. Every tensor of the file has a home, or is known as one the
 * network does without, or the load fails; every parameter has a tensor, or belongs to a new head,
 * or the load fails.
 */
final class Checkpoint {
  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";

  private final Path file;
  private final TensorFile tensors;
  private final CheckpointNames names;

  /** Parameters of the network by their name with the encoder's prefix. */
  private final Map<String, Parameter> homes = new LinkedHashMap<>();

  private final boolean newHead;
  private final Map<Parameter, String> sources = new HashMap<>();
  private final Map<String, String> unused = new TreeMap<>();
  private final List<String> homeless = new ArrayList<>();
  private final boolean bare;

  /** Names in the file of parts of the encoder that another head would use. */
  private final Map<String, String> carried = new TreeMap<>();

  /**
   * What came of a checkpoint.
   *
   * @param report what became of its tensors
   * @param carried parts of a bare encoder that only some heads use (a pooler), float32, by their
   *     name with the encoder's prefix: kept, so that saving loses nothing
   */
  record Filled(LoadReport report, Map<String, Tensor> carried) {}

  private Checkpoint(
      Path file, TensorFile tensors, CheckpointNames names, Model model, boolean newHead) {
    this.file = file;
    this.tensors = tensors;
    this.names = names;
    this.newHead = newHead;
    Map<String, Parameter> own = Modules.ownParameters(model);
    this.bare = names.isBare(own.keySet());
    own.forEach((name, p) -> homes.put(bare ? names.prefixed(name) : name, p));
  }

  /**
   * Fills the network's parameters, all but those of a new head.
   *
   * @param newHead whether the head is not the checkpoint's, so that it is left without values
   */
  static Filled fill(Path folder, CheckpointNames names, Model model, boolean newHead) {
    Path file = find(folder);
    try (TensorFile tensors = TensorFile.open(file)) {
      Checkpoint checkpoint = new Checkpoint(file, tensors, names, model, newHead);
      tensors.names().forEach(checkpoint::assign);
      checkpoint.requireHomes();
      List<String> missing = checkpoint.missing();
      checkpoint.sources.forEach(checkpoint::read);
      Map<String, Tensor> carried = new TreeMap<>();
      checkpoint.carried.forEach(
          (home, name) -> carried.put(home, checkpoint.value(name).copy().keep()));
      LoadReport report =
          new LoadReport(checkpoint.sources.size(), missing, checkpoint.unused, List.of());
      return new Filled(report, carried);
    }
  }

  /** Whether the checkpoint has all tensors of the network's head, with the network's shapes. */
  static boolean holdsHead(Path folder, CheckpointNames names, Model model) {
    Path file = find(folder);
    try (TensorFile tensors = TensorFile.open(file)) {
      Checkpoint c = new Checkpoint(file, tensors, names, model, false);
      Map<String, long[]> shapes = new HashMap<>();
      tensors.names().forEach(n -> shapes.put(c.canonical(n), tensors.info(n).shape()));
      Set<Parameter> found = new HashSet<>();
      c.homes.forEach(
          (name, p) -> {
            if (Arrays.equals(p.shape(), shapes.get(name))) {
              found.add(p);
            }
          });
      return c.homes.entrySet().stream()
          .filter(e -> c.inHead(e.getKey()))
          .allMatch(e -> found.contains(e.getValue()));
    }
  }

  private static Path find(Path folder) {
    for (String name : List.of(SINGLE, INDEX)) {
      if (Files.exists(folder.resolve(name))) {
        return folder.resolve(name);
      }
    }
    boolean pickled = Files.exists(folder.resolve("pytorch_model.bin"));
    throw new ModelException(
        folder
            + ": there is no "
            + SINGLE
            + " and no "
            + INDEX
            + (pickled
                ? "; pytorch_model.bin is a Python pickle, which can run code when read: fetch the"
                    + " model's safetensors files instead, or convert it once with"
                    + " transformers' save_pretrained"
                : "; is this the folder of a model?"));
  }

  private boolean inHead(String name) {
    return !names.inEncoder(name) && !names.isOptional(name);
  }

  /** The name a tensor has in the network, or its modern spelling if it has no home there. */
  private String canonical(String name) {
    String modern = names.modern(name);
    if (homes.containsKey(modern)) {
      return modern;
    }
    String prefixed = names.prefixed(modern);
    return homes.containsKey(prefixed) ? prefixed : modern;
  }

  private void assign(String name) {
    String home = canonical(name);
    Parameter p = homes.get(home);
    if (p != null && !(newHead && inHead(home))) {
      requireShape(name, p);
      String other = sources.putIfAbsent(p, name);
      if (other != null) {
        requireSame(other, name);
      }
      return;
    }
    String spare = names.spare(home);
    if (p == null && spare == null) {
      homeless.add(name);
      return;
    }
    String full = home.startsWith(names.prefix() + ".") ? home : names.prefixed(home);
    if (bare && names.isOptional(full)) {
      carried.put(full, name);
    }
    unused.put(name, p != null || spare == null ? "replaced by a new head" : spare);
  }

  private void requireHomes() {
    if (!homeless.isEmpty()) {
      throw new ModelException(
          file
              + ": "
              + listed(homeless)
              + (homeless.size() == 1 ? " has" : " have")
              + " no place in this network"
              + nearest(canonical(homeless.get(0)))
              + "; does config.json belong to these weights?");
    }
  }

  private static String listed(List<String> tensors) {
    int shown = Math.min(5, tensors.size());
    return (tensors.size() == 1 ? "the tensor '" : "the tensors '")
        + String.join("', '", tensors.subList(0, shown))
        + "'"
        + (tensors.size() == shown ? "" : " and " + (tensors.size() - shown) + " more");
  }

  private String nearest(String name) {
    String parent = name.contains(".") ? name.substring(0, name.lastIndexOf('.')) : name;
    String there =
        homes.keySet().stream()
            .filter(n -> n.startsWith(parent + "."))
            .limit(3)
            .collect(Collectors.joining(", "));
    return there.isEmpty() ? "" : " (beside it: " + there + ")";
  }

  private void requireShape(String name, Parameter p) {
    long[] found = tensors.info(name).shape();
    if (!Arrays.equals(found, p.shape())) {
      throw new ModelException(
          file
              + ": the tensor '"
              + name
              + "' has shape "
              + Arrays.toString(found)
              + ", but config.json asks for "
              + Arrays.toString(p.shape())
              + (inHead(canonical(name))
                  ? "; the number of labels differs: give the head new labels to replace it"
                  : "; does config.json belong to these weights?"));
    }
  }

  /** Two names of one parameter must hold the same values. */
  private void requireSame(String one, String other) {
    try (Scope scope = Scope.open()) {
      if (!tensors.tensor(one).sameAs(tensors.tensor(other))) {
        throw new ModelException(
            file
                + ": '"
                + one
                + "' and '"
                + other
                + "' are one parameter of this network but differ in the file; if they are not"
                + " tied, say \"tie_word_embeddings\": false in config.json");
      }
    }
  }

  private List<String> missing() {
    Map<Parameter, String> without = new LinkedHashMap<>();
    homes.forEach(
        (name, p) -> {
          if (!sources.containsKey(p)) {
            without.putIfAbsent(p, name);
          }
        });
    Set<String> wrong = new TreeSet<>();
    without.values().stream().filter(n -> !newHead || names.inEncoder(n)).forEach(wrong::add);
    if (!wrong.isEmpty()) {
      throw new ModelException(
          file
              + ": "
              + listed(List.copyOf(wrong))
              + (wrong.size() == 1 ? " is missing" : " are missing")
              + (wrong.stream().allMatch(n -> !names.inEncoder(n))
                  ? "; they are the head's: name the head you want, and it is drawn anew"
                  : "; is the file complete, and does config.json belong to it?"));
    }
    return new ArrayList<>(without.values());
  }

  private void read(Parameter p, String name) {
    try (Scope scope = Scope.open()) {
      p.set(value(name), DType.F32);
    }
  }

  /** A tensor of the file in float32. */
  private Tensor value(String name) {
    @Nullable DType type = tensors.info(name).type().dtype();
    if (type == null || !type.isFloating() || type.bytes() < 2) {
      throw new ModelException(
          file
              + ": the tensor '"
              + name
              + "' has element type "
              + tensors.info(name).type()
              + "; only F16, BF16, F32 and F64 weights can be trained");
    }
    Tensor value = tensors.tensor(name).to(DType.F32);
    if (!value.isFinite()) {
      throw new ModelException(
          file
              + ": the tensor '"
              + name
              + "' holds NaN or infinite values; the checkpoint is broken, take another");
    }
    return value;
  }
}
