package dev.luthier.train.optim;

import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Gradients;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/** Other weights in the place of a model's own, to look at a batch from there. */
final class OtherWeights {
  private final Map<Parameter, Tensor> own = new LinkedHashMap<>();

  private OtherWeights() {}

  /** Gives every parameter with a gradient another value, and remembers its own to the bit. */
  static OtherWeights swap(Gradients gradients, Function<Parameter, Tensor> other) {
    OtherWeights swapped = new OtherWeights();
    try (Autograd.Guard off = Autograd.noGrad()) {
      for (Parameter p : gradients.parameters()) {
        Tensor own = p.value().detach().copy();
        try (Scope scope = Scope.open()) {
          p.value().copyFrom(other.apply(p));
        }
        swapped.own.put(p, own);
      }
    }
    return swapped;
  }

  /** Gives them their own values back. */
  void undo() {
    try (Autograd.Guard off = Autograd.noGrad()) {
      own.forEach(
          (p, value) -> {
            var unused = p.value().copyFrom(value);
          });
    }
  }
}
