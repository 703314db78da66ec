package dev.luthier.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.model.nn.Init;
import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.tensor.io.TensorFile;
import dev.luthier.testing.Proves;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdamWTest {
  private static Path golden(String file) throws URISyntaxException {
    return Path.of(AdamWTest.class.getResource("/golden/adamw/" + file).toURI());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "defaults",
        "no-decay",
        "strong-decay",
        "large-eps",
        "float64",
        "scheduled",
        "clipped",
        "bias-without-decay"
      })
  @Proves("opt-adamw")
  void twenty_steps_equal_those_of_the_reference(String name) throws Exception {
    JsonNode c = new ObjectMapper().readTree(golden("cases.json").toFile()).get(name);
    GradientTransform optimizer =
        new AdamW(
            c.get("lr").asDouble(),
            c.get("betas").get(0).asDouble(),
            c.get("betas").get(1).asDouble(),
            c.get("eps").asDouble(),
            c.get("weight_decay").asDouble());
    if (c.has("max_grad_norm")) {
      optimizer = new Chain(List.of(new ClipNorm(c.get("max_grad_norm").asDouble()), optimizer));
    }
    double tolerance = name.equals("float64") ? 1e-12 : 2e-6;
    try (Scope s = Scope.open();
        TensorFile file = TensorFile.open(golden(name + ".safetensors"))) {
      Map<String, Parameter> all = new LinkedHashMap<>();
      for (String p : List.of("weight", "bias")) {
        Tensor start = file.tensor("param." + p + ".0");
        Parameter parameter = new Parameter(Init.zeros(), start.shape());
        parameter.set(start, start.dtype());
        all.put(p, parameter);
      }
      List<ParameterGroup> groups = new ArrayList<>();
      all.forEach(
          (p, parameter) ->
              groups.add(
                  new ParameterGroup(
                      p, Map.of(p, parameter), 1, !(c.has("without_decay") && p.equals("bias")))));
      OptimizerState state = new OptimizerState(all);
      double[] rates = file.tensor("lr").toDoubles();
      for (int n = 0; n < 20; n++) {
        StepContext step =
            new StepContext(n, 20, 0, rates[n] / c.get("lr").asDouble(), Rng.Key.of(0), state);
        int now = n;
        all.forEach(
            (p, parameter) ->
                parameter.value().mul(file.tensor("grad." + p).select(0, now)).sum().backward());
        Gradients g = Gradients.collect(groups);
        if (c.has("max_grad_norm")) {
          assertThat(g.norm()).isCloseTo(file.tensor("grad_norm").toDoubles()[n], within(1e-4));
        }
        optimizer.prepare(g, step);
        for (ParameterGroup group : groups) {
          optimizer.apply(group, g, step);
        }
        g.clear();
        if (n == 0 || n == 9 || n == 19) {
          compare(file, all, c.has("max_grad_norm") ? state.part(1) : state, n + 1, tolerance);
        }
      }
    }
  }

  private static void compare(
      TensorFile file,
      Map<String, Parameter> all,
      OptimizerState state,
      int steps,
      double tolerance) {
    all.forEach(
        (p, parameter) -> {
          assertClose(parameter.value(), file.tensor("param." + p + "." + steps), tolerance);
          assertClose(
              state.of(parameter, "mean", AdamWTest::missing),
              file.tensor("exp_avg." + p + "." + steps),
              tolerance);
          assertClose(
              state.of(parameter, "square", AdamWTest::missing),
              file.tensor("exp_avg_sq." + p + "." + steps),
              tolerance);
        });
  }

  private static Tensor missing() {
    throw new AssertionError("the optimizer keeps no such tensor");
  }

  private static void assertClose(Tensor actual, Tensor expected, double tolerance) {
    assertThat(actual.dtype()).isEqualTo(expected.dtype());
    assertThat(actual.toDoubles()).containsExactly(expected.toDoubles(), within(tolerance));
  }

  @Test
  @Proves("grad-clip")
  void clipping_keeps_the_direction_and_bounds_the_norm() {
    try (Scope s = Scope.open()) {
      Parameter p = new Parameter(Init.normal(1), 10);
      p.draw(Rng.Key.of(1));
      List<ParameterGroup> groups = ParameterGroup.byShape(Map.of("p", p));
      p.value().pow(2).sum().backward();
      double[] before = p.value().grad().toDoubles();
      Gradients g = Gradients.collect(groups);
      double norm = g.norm();
      StepContext step =
          new StepContext(0, 1, 0, 1, Rng.Key.of(0), new OptimizerState(Map.of("p", p)));
      new ClipNorm(norm / 2).prepare(g, step);
      assertThat(g.norm()).isCloseTo(norm / 2, within(1e-4));
      double[] after = g.of(p).toDoubles();
      for (int i = 0; i < before.length; i++) {
        assertThat(after[i]).isCloseTo(before[i] / 2, within(1e-5));
      }
      new ClipNorm(norm * 2).prepare(g, step);
      assertThat(g.of(p).toDoubles()).containsExactly(after);
    }
  }

  @Test
  void parameter_out_of_range_is_refused_by_its_key() {
    assertThatThrownBy(() -> new AdamW(1e-3, 1, 0.9, 1e-8, 0))
        .hasMessage("beta1 must be in [0, 1), not 1.0");
    assertThatThrownBy(() -> new AdamW(-1, 0.9, 0.9, 1e-8, 0))
        .hasMessage("lr must be above 0, not -1.0");
  }
}
