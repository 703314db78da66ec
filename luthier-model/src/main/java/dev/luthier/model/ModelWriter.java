package dev.luthier.model;

import dev.luthier.model.image.Vision;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.tokenizer.Tokenizer;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.tensor.io.TensorFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** Writes model folders: first beside their place, then into it. */
final class ModelWriter {
  private static final Map<DType, String> TYPES =
      Map.of(DType.F32, "float32", DType.F16, "float16", DType.BF16, "bfloat16");

  private ModelWriter() {}

  static void save(Pretrained model, Path folder, DType type) {
    String typeName = TYPES.get(type);
    if (typeName == null) {
      throw new ModelException("weights are saved as F32, F16 or BF16, not as " + type);
    }
    Path target = folder.toAbsolutePath().normalize();
    try {
      Files.createDirectories(target.getParent() == null ? target : target.getParent());
      Path beside =
          target.resolveSibling("." + target.getFileName() + ".saving-" + UUID.randomUUID());
      Files.createDirectory(beside);
      try {
        write(model, beside, type, typeName);
        move(beside, target);
      } finally {
        delete(beside);
      }
    } catch (IOException e) {
      throw new ModelException(
          folder + ": the model cannot be saved: " + e + "; what was there is unchanged", e);
    }
  }

  private static void write(Pretrained model, Path into, DType type, String typeName)
      throws IOException {
    try (Scope scope = Scope.open()) {
      TensorFiles.write(into.resolve("model.safetensors"), weights(model, type));
    }
    Tokenizer tokenizer = model.tokenizerOrNull();
    if (tokenizer != null) {
      tokenizer.save(into);
    }
    Vision vision = model.vision();
    if (vision != null) {
      vision.processor().save(into);
    }
    GenerationConfig generation = model.generation();
    if (generation != null) {
      Files.write(into.resolve(GenerationConfig.FILE), generation.bytes());
    }
    Files.write(into.resolve("config.json"), model.config().bytes(typeName));
  }

  /** The network's own parameters; one that has two names is stored under its first. */
  private static Map<String, Tensor> weights(Pretrained model, DType type) {
    Set<Parameter> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Map<String, Tensor> out = new LinkedHashMap<>();
    model.carried().forEach((name, value) -> out.put(name, value.to(type).contiguous()));
    Modules.ownParameters(model.model())
        .forEach(
            (name, p) -> {
              if (seen.add(p)) {
                Tensor value = p.value().detach().to(type).contiguous();
                if (!value.isFinite()) {
                  throw new ModelException(
                      "the parameter '"
                          + name
                          + "' has values that are not finite as "
                          + type
                          + "; nothing was saved"
                          + (p.value().isFinite() ? "; save it as F32 or BF16" : ""));
                }
                out.put(name, value);
              }
            });
    return out;
  }

  private static void move(Path from, Path target) throws IOException {
    if (!Files.exists(target)) {
      Files.move(from, target, StandardCopyOption.ATOMIC_MOVE);
      return;
    }
    for (Path file : files(from)) {
      Files.move(
          file,
          target.resolve(file.getFileName()),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      for (Path file : files(folder)) {
        Files.deleteIfExists(file);
      }
      Files.delete(folder);
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    try (var stream = Files.list(folder)) {
      return new ArrayList<>(stream.sorted().toList());
    }
  }
}
