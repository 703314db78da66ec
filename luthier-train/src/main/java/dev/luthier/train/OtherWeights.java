package dev.luthier.train;

import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * While open, parameters have other values: an average that is evaluated, or a point from which a
 * batch is looked at. After it they have their own again, to the bit, also if something failed.
 */
public final class OtherWeights implements AutoCloseable {
  /** Their own values, of the parameters that have others now. */
  private final Map<Parameter, Tensor> own = new LinkedHashMap<>();

  private OtherWeights() {}

  /**
   * Gives parameters other values.
   *
   * @param other the value, or null to leave a parameter as it is
   */
  public static OtherWeights show(
      Collection<Parameter> parameters, Function<Parameter, @Nullable Tensor> other) {
    OtherWeights shown = new OtherWeights();
    try {
      parameters.forEach(p -> shown.set(p, other));
      return shown;
    } catch (RuntimeException e) {
      shown.close();
      throw e;
    }
  }

  /** Leaves parameters as they are, for who changes them in ways of its own meanwhile. */
  public static OtherWeights holding(Collection<Parameter> parameters) {
    return show(parameters, Parameter::value);
  }

  private void set(Parameter p, Function<Parameter, @Nullable Tensor> other) {
    try (Scope scope = Scope.open();
        Autograd.Guard off = Autograd.noGrad()) {
      Tensor wanted = other.apply(p);
      if (wanted != null) {
        own.put(p, p.value().detach().copy().keep());
        var unused = p.value().copyFrom(wanted);
      }
    }
  }

  /** Leaves the parameters as they are now. */
  public void stay() {
    own.values().forEach(Tensor::close);
    own.clear();
  }

  @Override
  public void close() {
    try (Autograd.Guard off = Autograd.noGrad()) {
      own.forEach(
          (p, value) -> {
            var unused = p.value().copyFrom(value);
          });
    }
    stay();
  }
}
