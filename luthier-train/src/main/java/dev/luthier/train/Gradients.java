package dev.luthier.train;

import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.RowGradient;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The gradients of one step, of every trainable parameter the loss depends on.
 *
 * <p>Factors are multiplied together and applied in one pass over memory, when a gradient is first
 * asked for; the norm is computed once.
 */
public final class Gradients {
  private final List<String> names = new ArrayList<>();
  private final List<Parameter> parameters = new ArrayList<>();
  private final Map<Parameter, Tensor> values = new LinkedHashMap<>();

  /** Which rows the values are of, for tables whose other rows have no gradient. */
  private final Map<Parameter, Tensor> rows = new LinkedHashMap<>();

  /** What the stored values are still to be multiplied by. */
  private double factor = 1;

  /** The norms of the stored values, or null if they are not known or may have changed. */
  private @Nullable Map<Parameter, Double> storedNorms;

  private Gradients() {}

  /** Collects what the backward passes of this step have accumulated. */
  public static Gradients collect(List<ParameterGroup> groups) {
    Gradients g = new Gradients();
    for (ParameterGroup group : groups) {
      group
          .parameters()
          .forEach(
              (name, p) -> {
                Tensor value = p.value().grad();
                if (value != null) {
                  g.names.add(name);
                  g.parameters.add(p);
                  RowGradient some = RowGradient.of(value);
                  g.values.put(p, some == null ? value : some.values());
                  if (some != null) {
                    g.rows.put(p, some.rows());
                  }
                }
              });
    }
    return g;
  }

  /** None: for an optimizer that needs none. */
  public static Gradients none() {
    return new Gradients();
  }

  /** Divides all gradients, once, by the weight of the loss. */
  public Gradients dividedBy(double weight) {
    return scaledBy(1 / weight);
  }

  /** Multiplies all gradients. */
  public Gradients scaledBy(double by) {
    factor *= by;
    return this;
  }

  private Tensor stored(Parameter p) {
    return Objects.requireNonNull(values.get(p));
  }

  /** Whether the loss depends on this parameter. */
  public boolean has(Parameter p) {
    return values.containsKey(p);
  }

  /**
   * The gradient of a parameter, in its type.
   *
   * @throws IllegalArgumentException if the loss does not depend on it
   */
  public Tensor of(Parameter p) {
    applyFactor();
    storedNorms = null; // Who asks may change it.
    Tensor g = values.get(p);
    if (g == null) {
      throw new IllegalArgumentException("the loss does not depend on this parameter");
    }
    Tensor some = rows.remove(p);
    if (some != null) {
      g = new RowGradient(some, g).whole(p.shape()[0]);
      values.put(p, g);
    }
    if (g.dtype() != p.value().dtype()) {
      g = g.to(p.value().dtype());
      values.put(p, g);
    }
    return g;
  }

  /**
   * The gradient of a table by the rows that were looked up.
   *
   * @return null where the gradient is whole
   */
  public @Nullable RowGradient rows(Parameter p) {
    Tensor some = rows.get(p);
    if (some == null) {
      return null;
    }
    applyFactor();
    storedNorms = null;
    return new RowGradient(some, stored(p));
  }

  /**
   * Calls a rule with every parameter of a group that has a gradient, and that gradient, which the
   * rule may change. Nothing is recorded, and what the rule computes on the way dies with its call.
   */
  public void update(ParameterGroup group, BiConsumer<Parameter, Tensor> rule) {
    for (Parameter p : group) {
      if (has(p)) {
        Tensor g = of(p);
        try (Scope scope = Scope.open();
            Autograd.Guard off = Autograd.noGrad()) {
          rule.accept(p, g);
        }
      }
    }
  }

  /** The parameters that have a gradient. */
  public List<Parameter> parameters() {
    return List.copyOf(values.keySet());
  }

  /** Drops the gradient of a parameter that is updated: for who updates one at a time. */
  public void spend(Parameter p) {
    values.remove(p);
    rows.remove(p);
  }

  /** The Euclidean norm of all gradients together. */
  public double norm() {
    double sum = 0;
    for (double n : stored().values()) {
      sum += n * n;
    }
    return Math.abs(factor) * Math.sqrt(sum);
  }

  /** The Euclidean norm of each gradient, by the full name of its parameter. */
  public Map<String, Double> norms() {
    Map<String, Double> out = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      Double stored = stored().get(parameters.get(i));
      if (stored != null) {
        out.put(names.get(i), Math.abs(factor) * stored);
      }
    }
    return out;
  }

  private Map<Parameter, Double> stored() {
    Map<Parameter, Double> known = storedNorms;
    if (known == null) {
      known = new LinkedHashMap<>();
      for (Map.Entry<Parameter, Tensor> g : values.entrySet()) {
        known.put(g.getKey(), g.getValue().norm().item());
      }
      storedNorms = known;
    }
    return known;
  }

  private void applyFactor() {
    if (factor != 1) {
      values.values().forEach(g -> g.mulInPlace(factor));
      factor = 1;
    }
  }

  /**
   * Refuses gradients that are not finite.
   *
   * @param norm their norm, which is finite exactly if they are (but for overflow)
   * @param rows the rows of the batch, for the message
   * @throws NonFiniteException naming the first parameter concerned
   */
  public void requireFinite(double norm, StepContext step, List<Long> rows) {
    if (Double.isFinite(norm)) {
      return;
    }
    for (int i = 0; i < names.size(); i++) {
      if (!stored(parameters.get(i)).isFinite()) {
        throw new NonFiniteException("the gradient of " + names.get(i), step.number(), rows);
      }
    }
    throw new NonFiniteException("the norm of the gradients", step.number(), rows);
  }

  /** Drops the accumulated gradients, so that the next step starts from none. */
  public void clear() {
    parameters.forEach(p -> p.value().clearGrad());
  }
}
