package dev.luthier.model;

import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * An architecture of the literature: how its configuration is read, its network built and its
 * weights named. Found by {@link ServiceLoader}, so that a new family touches no list.
 */
public interface Family {
  /** The values of {@code model_type} in config.json that mean this family. */
  Set<String> modelTypes();

  /** What the family's network is called under each head. */
  Architectures architectures();

  /** How the family's checkpoints spell the names of tensors. */
  CheckpointNames names();

  /**
   * The network, its parameters declared but without values.
   *
   * @throws ModelException if the configuration has a value that cannot be, or an option that would
   *     change the mathematics and is not supported
   */
  Model build(ModelConfig config, Head head);

  /**
   * The side of the patches that images are cut into, in pixels.
   *
   * @return null for a family that reads texts
   */
  default @Nullable Integer patch(ModelConfig config) {
    return null;
  }

  /**
   * The family of a configuration.
   *
   * @throws ModelException naming the known families
   */
  static Family of(ModelConfig config) {
    String type = config.modelType();
    Set<String> known = new TreeSet<>();
    for (Family family : ServiceLoader.load(Family.class, Family.class.getClassLoader())) {
      if (family.modelTypes().contains(type)) {
        return family;
      }
      known.addAll(family.modelTypes());
    }
    throw config.error("model_type", "'" + type + "' is not one of those known: " + known);
  }
}
