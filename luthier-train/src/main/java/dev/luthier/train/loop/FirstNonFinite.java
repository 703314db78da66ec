package dev.luthier.train.loop;

import dev.luthier.data.batch.Batch;
import dev.luthier.model.Model;
import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.LossContext;
import dev.luthier.train.Objective;
import java.util.IdentityHashMap;
import java.util.Map;

/** Finds the first tensor that is not finite on the way to a loss that is not. */
final class FirstNonFinite implements Pass.Observer {
  private final IdentityHashMap<Linear, String> names = new IdentityHashMap<>();
  private String found = "";

  private FirstNonFinite(Model model) {
    Modules.all(model, Linear.class).forEach((name, layer) -> names.put(layer, name));
  }

  /**
   * Looks at the weights, and then at what linear layers read and give while the loss is computed
   * once more.
   *
   * @return in words, or blank where all of these are finite
   */
  static String of(Model model, Objective objective, Batch batch, LossContext step) {
    for (Map.Entry<String, Parameter> e : Modules.parameters(model).entrySet()) {
      if (!e.getValue().value().isFinite()) {
        return e.getKey();
      }
    }
    FirstNonFinite search = new FirstNonFinite(model);
    try (Scope scope = Scope.open()) {
      var unused = objective.compute(model, batch, step.changing(pass -> pass.observing(search)));
    }
    return search.found;
  }

  @Override
  public void multiplies(Linear layer, Tensor x) {
    note(x, "the input of ", layer);
  }

  @Override
  public void multiplied(Linear layer, Tensor y) {
    note(y, "the output of ", layer);
  }

  @Override
  public void activated(Linear layer, Tensor a) {
    note(a, "the activation after ", layer);
  }

  private void note(Tensor x, String what, Linear layer) {
    if (found.isEmpty() && !x.detach().isFinite()) {
      found = what + names.getOrDefault(layer, "a linear layer");
    }
  }
}
