package dev.luthier.train;

import dev.luthier.model.nn.Parameter;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Parameters that are updated alike.
 *
 * @param name what the group is called in messages
 * @param parameters by full name, all trainable
 * @param rateFactor multiplies the learning rate
 * @param ownDecay the weight decay in place of the optimizer's, or null
 * @param decayFactor multiplies the weight decay; 0 where there is none
 */
public record ParameterGroup(
    String name,
    Map<String, Parameter> parameters,
    double rateFactor,
    @Nullable Double ownDecay,
    double decayFactor)
    implements Iterable<Parameter> {

  /** A group with the whole weight decay, or without any. */
  public ParameterGroup(
      String name, Map<String, Parameter> parameters, double rateFactor, boolean decays) {
    this(name, parameters, rateFactor, null, decays ? 1 : 0);
  }

  /** The learning rate of this group at a step. */
  public double rate(double peak, StepContext step) {
    return peak * rateFactor * step.factor();
  }

  /** The weight decay of this group. */
  public double decay(double weightDecay) {
    return (ownDecay == null ? weightDecay : ownDecay) * decayFactor;
  }

  /** Some of the parameters, updated as all of them are. */
  public ParameterGroup with(Map<String, Parameter> some) {
    return new ParameterGroup(name, some, rateFactor, ownDecay, decayFactor);
  }

  /** The same group as it is at a step, where a schedule may have changed the weight decay. */
  public ParameterGroup at(StepContext step) {
    double factor = step.factors().decay();
    return factor == 1
        ? this
        : new ParameterGroup(name, parameters, rateFactor, ownDecay, decayFactor * factor);
  }

  @Override
  public Iterator<Parameter> iterator() {
    return parameters.values().iterator();
  }

  /** Whether weight decay is for a parameter by default: for matrices, not for biases and norms. */
  public static boolean decaysByDefault(Parameter p) {
    return p.shape().length > 1;
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
            (decaysByDefault(p) ? matrices : vectors).put(name, p);
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
