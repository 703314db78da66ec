package dev.luthier.train.regularizer;

import dev.luthier.model.Model;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Beginning;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The trained weights as they were at the beginning, as far as they came with the model. */
final class StartWeights {
  private final List<Parameter> all = new ArrayList<>();
  private final IdentityHashMap<Parameter, Tensor> values = new IdentityHashMap<>();

  private StartWeights() {}

  /** Copies them: as many bytes as are trained. */
  static StartWeights of(Beginning beginning) {
    StartWeights out = new StartWeights();
    Model model = beginning.model();
    Set<String> own = Modules.ownParameters(model).keySet();
    Set<String> drawn = beginning.origin().drawn();
    try (Scope scope = Scope.open()) {
      Modules.parameters(model)
          .forEach(
              (name, p) -> {
                if (p.trainable()) {
                  out.all.add(p);
                  if (own.contains(name) && !drawn.contains(name)) {
                    out.values.put(p, p.value().detach().copy().keep());
                  }
                }
              });
    }
    return out;
  }

  /** All that are trained, in the model's order. */
  List<Parameter> all() {
    return all;
  }

  /** What a parameter began with, or null if it is new or not trained. */
  @Nullable Tensor of(Parameter p) {
    return values.get(p);
  }
}
