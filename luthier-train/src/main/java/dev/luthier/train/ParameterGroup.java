package dev.luthier.train;

import dev.luthier.model.nn.Parameter;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Parameters that are updated alike.
 *
 * @param name what the group is called in messages
 * @param parameters by full name, all trainable
 * @param rateFactor multiplies the learning rate
 * @param decays whether weight decay applies
 */
public record ParameterGroup(
    String name, Map<String, Parameter> parameters, double rateFactor, boolean decays)
    implements Iterable<Parameter> {

  /** The learning rate of this group at a step. */
  public double rate(double peak, StepContext step) {
    return peak * rateFactor * step.factor();
  }

  /** The weight decay of this group. */
  public double decay(double weightDecay) {
    return decays ? weightDecay : 0;
  }

  @Override
  public Iterator<Parameter> iterator() {
    return parameters.values().iterator();
  }

  /**
   * The usual two groups: matrices, which decay, and vectors (biases and norms), which do not.
   * Every trainable parameter is in exactly one.
   *
   * @throws IllegalArgumentException if nothing is trainable
   */
  public static List<ParameterGroup> byShape(Map<String, Parameter> all) {
    Map<String, Parameter> matrices = new LinkedHashMap<>();
    Map<String, Parameter> vectors = new LinkedHashMap<>();
    all.forEach(
        (name, p) -> {
          if (p.trainable()) {
            (p.shape().length > 1 ? matrices : vectors).put(name, p);
          }
        });
    List<ParameterGroup> groups = new ArrayList<>();
    if (!matrices.isEmpty()) {
      groups.add(new ParameterGroup("matrices", matrices, 1, true));
    }
    if (!vectors.isEmpty()) {
      groups.add(new ParameterGroup("vectors", vectors, 1, false));
    }
    if (groups.isEmpty()) {
      throw new IllegalArgumentException(
          "nothing is trainable: the adaptation has frozen every parameter; unfreeze the head, a"
              + " layer, or add an adapter");
    }
    return groups;
  }
}
