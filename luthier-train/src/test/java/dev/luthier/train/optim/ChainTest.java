package dev.luthier.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.model.nn.Init;
import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ChainTest {
  /** What is evaluated after some steps, whose gradients do not depend on the parameter's value. */
  private static double[] trained(GradientTransform optimizer) {
    try (Scope s = Scope.open()) {
      Parameter p = new Parameter(Init.normal(1), 3, 4);
      p.draw(Rng.Key.of(1));
      Map<String, Parameter> all = Map.of("p", p);
      OptimizerState state = new OptimizerState(all);
      List<ParameterGroup> groups = ParameterGroup.byShape(all);
      for (int n = 0; n < 6; n++) {
        p.value().mul(Rng.normal(Rng.Key.of(2).with(n), 0, 1, 3, 4)).sum().backward();
        Gradients gradients = Gradients.collect(groups);
        StepContext step = new StepContext(n, 6, 0, 1, Rng.Key.of(3).with(n), state);
        optimizer.prepare(gradients, step);
        groups.forEach(g -> optimizer.apply(g, gradients, step));
        gradients.clear();
      }
      Tensor average = optimizer.evaluated(p, state);
      double[] values = (average == null ? p.value() : average).toDoubles();
      state.restore(Map.of());
      p.value().close();
      return values;
    }
  }

  @Test
  void two_links_of_a_kind_keep_their_state_apart() {
    AdamW moving = new AdamW(0.1, 0.9, 0.999, 1e-8, 0);
    AdamW still = new AdamW(1e-30, 0.5, 0.9, 1e-8, 0);
    assertThat(trained(new Chain(List.of(still, moving))))
        .containsExactly(trained(moving), within(1e-6));
  }

  @Test
  void averages_are_found_wherever_the_link_stands() {
    for (GradientTransform link : List.of(new ScheduleFree(), new Ema(), new Swa())) {
      Sgd sgd = new Sgd(link instanceof ScheduleFree ? 1e-30 : 0.1, 0, false, 0);
      double[] first = trained(new Chain(List.of(link, new ClipNorm(1e9), sgd)));
      double[] later = trained(new Chain(List.of(new ClipNorm(1e9), link, sgd)));
      assertThat(later).as(link.toString()).containsExactly(first, within(1e-9));
      assertThat(later).as(link.toString()).isNotEqualTo(trained(sgd));
    }
  }

  @Test
  void a_chain_that_updates_nothing_is_refused() {
    assertThatThrownBy(() -> new Chain(List.of(new ClipNorm(), new Ema())))
        .hasMessage(
            "links must hold one that updates the parameters, such as adamw; there is only"
                + " clip-norm, ema");
  }

  @Test
  void links_in_an_order_in_which_they_could_not_work_are_refused() {
    assertThatThrownBy(() -> new Chain(List.of(new Sgd(), new GradientNoise())))
        .hasMessageStartingWith("links are in another order than they work in: ")
        .hasMessageEndingWith("gradient-noise changes gradients, so it must stand before sgd");
    assertThatThrownBy(() -> new Chain(List.of(new Centralise(), new ClipNorm(), new Sgd())))
        .hasMessageEndingWith(
            "clip-norm looks at all gradients first, so it must stand before centralise");
    Chain all =
        new Chain(
            List.of(
                new Sam(),
                new ClipNorm(),
                new Centralise(),
                new WeightDecay(),
                new Sgd(),
                new WeightDecay(0.1, true),
                new Ema()));
    assertThat(all.role()).isEqualTo(GradientTransform.Role.UPDATE);
  }

  @Test
  void two_links_of_a_kind_draw_apart() {
    GradientNoise noise = new GradientNoise();
    Sgd sgd = new Sgd(1, 0, false, 0);
    double[] none = trained(sgd);
    double[] once = trained(new Chain(List.of(noise, sgd)));
    double[] twice = trained(new Chain(List.of(noise, noise, sgd)));
    int doubled = 0;
    for (int i = 0; i < none.length; i++) {
      doubled += Math.abs(twice[i] - none[i] - 2 * (once[i] - none[i])) < 1e-6 ? 1 : 0;
    }
    assertThat(doubled).isLessThan(none.length / 2);
  }
}
