package dev.luthier.train.precision;

import dev.luthier.model.Model;
import dev.luthier.model.nn.Arithmetic;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/** Changes the type that the matrices of a model are held in, and says so. */
final class Holding {
  private final Collection<Parameter> parameters;
  private final Arithmetic arithmetic;
  private final List<String> lines = new ArrayList<>();

  private Holding(Model model, Arithmetic arithmetic) {
    this.parameters = Modules.parameters(model).values();
    this.arithmetic = arithmetic;
  }

  static Holding of(Model model, Arithmetic arithmetic) {
    Holding holding = new Holding(model, arithmetic);
    holding.parameters.forEach(p -> p.setArithmetic(arithmetic));
    return holding;
  }

  Holding frozenAs(DType type) {
    return hold(type, "frozen", p -> !p.trainable());
  }

  Holding trainedAs(DType type) {
    return hold(type, "trained", Parameter::trainable);
  }

  /** One at a time, so that no second copy of the model is ever in memory. */
  private Holding hold(DType type, String which, Predicate<Parameter> chosen) {
    long values = 0;
    for (Parameter p : parameters) {
      if (chosen.test(p) && p.shape().length > 1) {
        values += p.count();
        if (p.value().dtype() != type) {
          try (Scope scope = Scope.open()) {
            p.set(p.value(), type);
          }
        }
      }
    }
    if (values > 0) {
      lines.add(line(type, which, values));
    }
    return this;
  }

  private String line(DType type, String which, long values) {
    String how =
        type == DType.F32
            ? "held in float32 and rounded anew for the products of each step"
            : String.format(
                Locale.ROOT,
                "rounded once and held in bfloat16, %,.1f instead of %,.1f MiB",
                values * 2.0 / (1 << 20),
                values * 4.0 / (1 << 20));
    String name = arithmetic.name().toLowerCase(Locale.ROOT);
    return String.format(Locale.ROOT, "%s: %,d %s weights are %s", name, values, which, how);
  }

  List<String> lines() {
    return List.copyOf(lines);
  }
}
