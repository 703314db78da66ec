package dev.luthier.train.peft;

import dev.luthier.model.Head;
import dev.luthier.model.ModelConfig;
import dev.luthier.model.Pretrained;
import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.tensor.io.StagedFile;
import dev.luthier.tensor.io.TensorFile;
import dev.luthier.tensor.io.TensorFileException;
import dev.luthier.tensor.io.TensorFiles;
import dev.luthier.train.Adapted;
import dev.luthier.train.TrainingException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * An adapter's folder as the PEFT library has it: {@code adapter_config.json} and {@code
 * adapter_model.safetensors}.
 *
 * <p>What PEFT has no key for stands in the metadata of the tensor file, which it ignores: the
 * fingerprint of the base's weights and the head with its labels.
 */
public final class PeftFolder {
  private static final String TENSORS = "adapter_model.safetensors";
  private static final String PREFIX = "base_model.model.";
  private static final String BASE = "luthier.base";
  private static final String HEAD = "luthier.head";
  private static final int SHOWN = 5;

  private PeftFolder() {}

  /** Whether a folder holds an adapter. */
  public static boolean isAdapter(Path folder) {
    return Files.exists(folder.resolve(AdapterConfig.FILE));
  }

  /** The name a parameter has in an adapter's file. */
  static String key(String path) {
    return PREFIX + path;
  }

  /**
   * The head that an adapter was trained with, so that the base can be loaded under it.
   *
   * <p>Adapters written here tell their head. Of others the task and the number of labels are
   * known; labels are then those of the base if it has as many, else nameless.
   *
   * @param base the base's configuration
   * @return empty if the adapter has no head of its own
   * @throws TrainingException if the folder is damaged
   */
  public static Optional<Head> head(Path folder, ModelConfig base) {
    AdapterConfig config = AdapterConfig.read(folder.resolve(AdapterConfig.FILE));
    try (TensorFile file = open(folder)) {
      String told = file.metadata().get(HEAD);
      return told == null
          ? RecordedHead.guess(config.taskType(), file, base)
          : Optional.of(RecordedHead.read(folder.resolve(TENSORS), told));
    }
  }

  /**
   * Puts an adapter into its base. Either all of it fits, or nothing is changed.
   *
   * @param base loaded under the adapter's {@linkplain #head head}
   * @throws TrainingException if the file's tensors are not exactly those the configuration asks
   *     for, a shape or value is wrong, or the base is not the one it was trained on
   */
  public static Adapted load(Path folder, Pretrained base) {
    AdapterConfig config = AdapterConfig.read(folder.resolve(AdapterConfig.FILE));
    LoraPlan plan = plan(folder, config, base);
    LoraAdapted adapted = LoraAdapted.declare(plan, base, config.baseName());
    try (TensorFile file = open(folder)) {
      Path path = folder.resolve(TENSORS);
      Map<String, Parameter> homes = adapted.tensors();
      requireSameKeys(path, homes.keySet(), file.names(), redundant(plan));
      homes.forEach((key, p) -> requireFits(path, file, key, p));
      String trainedOn = file.metadata().get(BASE);
      if (trainedOn != null && !trainedOn.equals(adapted.fingerprint())) {
        throw new TrainingException(
            path
                + ": was trained on other base weights than these ("
                + (config.baseName() == null ? "unnamed" : config.baseName())
                + ", "
                + trainedOn
                + "); load it onto the base it was trained on");
      }
      adapted.attach();
      try (Scope scope = Scope.open()) {
        homes.forEach((key, p) -> p.set(file.tensor(key), DType.F32));
      }
      return adapted;
    }
  }

  private static LoraPlan plan(Path folder, AdapterConfig config, Pretrained base) {
    try {
      return LoraPlan.ofFile(config.lora(), config.modulesToSave(), base);
    } catch (TrainingException e) {
      throw new TrainingException(
          folder + " does not fit this base, with this head: " + e.getMessage(), e);
    }
  }

  private static TensorFile open(Path folder) {
    Path file = folder.resolve(TENSORS);
    if (!Files.exists(file) && Files.exists(folder.resolve("adapter_model.bin"))) {
      throw new TrainingException(
          folder
              + ": adapter_model.bin is a Python pickle, which can run code when read; save the"
              + " adapter again with a newer PEFT, which writes "
              + TENSORS);
    }
    try {
      return TensorFile.open(file);
    } catch (TensorFileException e) {
      throw new TrainingException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Copies that PEFT writes of biases which stand in the file already, when it trains them all. */
  private static Set<String> redundant(LoraPlan plan) {
    Set<String> out = new TreeSet<>();
    if (plan.lora().bias() == Lora.Bias.ALL) {
      for (String part : plan.saved()) {
        for (String path : plan.anatomy().within(part)) {
          String rest = path.substring(part.length());
          out.add(key(part + ".modules_to_save" + rest));
          out.add(key(part + ".original_module" + rest));
        }
      }
    }
    return out;
  }

  private static void requireSameKeys(
      Path file, Set<String> wanted, Set<String> found, Set<String> redundant) {
    Set<String> missing = new TreeSet<>(wanted);
    missing.removeAll(found);
    Set<String> unknown = new TreeSet<>(found);
    unknown.removeAll(wanted);
    unknown.removeAll(redundant);
    if (missing.isEmpty() && unknown.isEmpty()) {
      return;
    }
    List<String> parts = new ArrayList<>();
    if (!missing.isEmpty()) {
      parts.add("lacks " + some(missing));
    }
    if (!unknown.isEmpty()) {
      parts.add("has " + some(unknown) + ", which this model has no place for");
    }
    throw new TrainingException(
        file
            + ": does not hold what its "
            + AdapterConfig.FILE
            + " asks for on this base: it "
            + String.join(", and ", parts)
            + "; is it the base, with the head, that the adapter was trained on?");
  }

  private static String some(Set<String> keys) {
    String shown = String.join(", ", keys.stream().limit(SHOWN).toList());
    return keys.size() <= SHOWN ? shown : shown + " and " + (keys.size() - SHOWN) + " more";
  }

  private static void requireFits(Path path, TensorFile file, String key, Parameter p) {
    long[] found = file.info(key).shape();
    if (!Arrays.equals(found, p.shape())) {
      throw new TrainingException(
          path
              + ": "
              + key
              + " has shape "
              + Arrays.toString(found)
              + ", but this base and configuration need "
              + Arrays.toString(p.shape())
              + "; is it the base, with the head, that the adapter was trained on?");
    }
    DType type = file.info(key).type().dtype();
    if (type == null || !type.isFloating() || type.bytes() < 2) {
      throw new TrainingException(path + ": " + key + " is of type " + file.info(key).type());
    }
    try (Scope scope = Scope.open()) {
      if (!file.tensor(key).isFinite()) {
        throw new TrainingException(path + ": " + key + " has a value that is not finite");
      }
    }
  }

  static void save(LoraAdapted adapted, Path folder) {
    try (Scope scope = Scope.open()) {
      Files.createDirectories(folder);
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      adapted.tensors().forEach((key, p) -> tensors.put(key, p.value().detach().contiguous()));
      TensorFiles.write(folder.resolve(TENSORS), tensors, metadata(adapted));
      byte[] config = config(adapted).bytes(adapted.plan());
      StagedFile.replace(
          folder.resolve(AdapterConfig.FILE),
          config.length,
          out -> {
            ByteBuffer rest = ByteBuffer.wrap(config);
            while (rest.hasRemaining()) {
              out.write(rest);
            }
          });
    } catch (IOException | TensorFileException e) {
      throw new TrainingException("the adapter cannot be saved: " + e.getMessage(), e);
    }
  }

  private static Map<String, String> metadata(LoraAdapted adapted) {
    Map<String, String> out = new TreeMap<>(TensorFiles.DEFAULT_METADATA);
    out.put(BASE, adapted.fingerprint());
    if (!(adapted.base().head() instanceof Head.None)) {
      out.put(HEAD, RecordedHead.write(adapted.base().head()));
    }
    return out;
  }

  /**
   * The task is told only if PEFT then saves what was saved here: it adds the classifier by itself.
   */
  private static AdapterConfig config(LoraAdapted adapted) {
    LoraPlan plan = adapted.plan();
    String task = RecordedHead.taskType(adapted.base());
    boolean fits =
        plan.anatomy().parts().stream()
            .filter(part -> AdapterConfig.implied(task).stream().anyMatch(part::endsWith))
            .allMatch(
                part -> plan.saved().stream().anyMatch(s -> (part + ".").startsWith(s + ".")));
    return new AdapterConfig(plan.lora(), plan.saved(), fits ? task : null, adapted.baseName());
  }
}
