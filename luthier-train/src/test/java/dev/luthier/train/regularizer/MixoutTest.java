package dev.luthier.train.regularizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.data.batch.Batch;
import dev.luthier.model.Model;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.Objective;
import dev.luthier.train.loop.ToyModel;
import dev.luthier.train.objective.CrossEntropy;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class MixoutTest extends WrapperContract {
  private static final double P = 0.25;

  @Override
  protected Objective around(Objective of) {
    return new Mixout(P, of);
  }

  @Override
  protected Objective off(Objective of) {
    return new Mixout(0, of);
  }

  /** Passes on what a pass would put in place of weights. */
  private static final class Looks implements Objective {
    private final AtomicReference<Pass> seen = new AtomicReference<>();

    @Override
    public Loss compute(Model model, Batch batch, LossContext step) {
      seen.set(step.pass());
      return new Loss(Tensor.zeros(DType.F32, 1).sum(), 1, Map.of(), null);
    }
  }

  @Test
  @Proves("p-mixout")
  void a_weight_is_its_beginning_with_probability_p_and_else_rescaled_so_that_the_mean_stays() {
    ToyModel model = model(DType.F64);
    Parameter p = Modules.parameters(model).get("query.weight");
    Parameter head = Modules.parameters(model).get("classifier.weight");
    Tensor start = p.value().detach().copy();
    Looks looks = new Looks();
    Objective mixout = begun(new Mixout(P, looks), model);
    try (Scope s = Scope.open()) {
      var unused = mixout.compute(model, batch(), step(model));
      Pass.Substitution mix = looks.seen.get().substitution();
      double[] from = start.toDoubles();
      double[] now = p.value().toDoubles();
      double[] sum = new double[now.length];
      int kept = 0;
      int rounds = 400;
      for (int k = 0; k < rounds; k++) {
        double[] mixed = mix.apply(p, Rng.Key.of(k)).toDoubles();
        for (int i = 0; i < mixed.length; i++) {
          boolean old = Math.abs(mixed[i] - from[i]) < 1e-12;
          double rescaled = (now[i] - P * from[i]) / (1 - P);
          assertThat(mixed[i])
              .isCloseTo(old ? from[i] : rescaled, within(1e-7)); // the multiplier is float32
          kept += old ? 1 : 0;
          sum[i] += mixed[i] / rounds;
        }
      }
      assertThat(kept / (double) (rounds * now.length)).isCloseTo(P, within(0.01));
      for (int i = 0; i < sum.length; i++) {
        assertThat(sum[i]).isCloseTo(now[i], within(4 * Math.abs(now[i] - from[i]) / 30 + 1e-9));
      }
      assertThat(mix.apply(head, Rng.Key.of(1)).sameAs(head.value())).isTrue();
      assertThat(looks.seen.get().at("query").substitution()).isSameAs(mix);
    }
    // Evaluation unchanged and p = 0 an identity: the contract's tests; here for the catalogue.
    what_is_only_measured_is_what_it_is_around_to_the_bit();
    with_a_strength_of_zero_it_is_what_it_is_around_to_the_bit();
  }

  @Test
  void a_model_none_of_whose_trained_layers_came_with_it_is_refused() {
    ToyModel model = model(DType.F32);
    Modules.parameters(model).forEach((name, p) -> p.setTrainable(name.startsWith("classifier")));
    assertThatThrownBy(() -> begun(new Mixout(P, new CrossEntropy()), model))
        .hasMessageContaining("no trained linear layer came with the model");
  }
}
