package dev.luthier.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.BatchOrder;
import dev.luthier.train.Float32;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.LossScale;
import dev.luthier.train.NonFiniteException;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;
import dev.luthier.train.TrainSpec;
import dev.luthier.train.TrainSpec.MemorySpec;
import dev.luthier.train.TrainingException;
import dev.luthier.train.objective.CrossEntropy;
import dev.luthier.train.optim.AdamW;
import dev.luthier.train.optim.Chain;
import dev.luthier.train.precision.Float16;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UpdateInBackwardTest {
  private final ToyModel model = new ToyModel(0.2, DType.F32);
  private final Map<String, Parameter> parameters = Modules.parameters(model);
  private final List<ParameterGroup> groups = ParameterGroup.byShape(parameters);
  private final OptimizerState state = new OptimizerState(parameters);
  private final StepContext step = new StepContext(0, 10, 0, 1, Rng.Key.of(8), state);

  private static TrainSpec spec(Integer micro, double clip) {
    MemorySpec memory = new MemorySpec(false, true, true);
    return new TrainSpec(
        4,
        null,
        8,
        micro,
        1,
        clip,
        BatchOrder.RANDOM,
        null,
        null,
        null,
        2,
        null,
        new Float32(),
        memory);
  }

  private Loss loss() {
    return new CrossEntropy()
        .compute(
            model,
            ToyModel.collator().collate(ToyModel.data(12).examples(), Rng.Key.of(1)),
            new LossContext(step));
  }

  @Test
  void gradients_are_dropped_as_soon_as_they_are_used() {
    List<Integer> held = new ArrayList<>();
    GradientTransform counts =
        (group, gradients, at) -> {
          int n = 0;
          for (Parameter p : parameters.values()) {
            n += p.value().grad() == null ? 0 : 1;
          }
          held.add(n);
        };
    try (Scope scope = Scope.open();
        UpdateInBackward early =
            new UpdateInBackward(spec(null, 0), LossScale.NONE, counts, groups)) {
      early.backward(loss(), step, List.of());
      assertThat(held).hasSize(parameters.size()).containsOnly(1);
      assertThat(parameters.values()).allMatch(p -> p.value().grad() == null);
    }
  }

  @Test
  void only_what_is_not_left_out_is_updated() {
    List<String> seen = new ArrayList<>();
    GradientTransform watching = (group, gradients, at) -> seen.addAll(group.parameters().keySet());
    parameters.forEach((name, p) -> p.setLeftOut(!name.startsWith("classifier")));
    try (Scope scope = Scope.open();
        UpdateInBackward early =
            new UpdateInBackward(spec(null, 0), LossScale.NONE, watching, groups)) {
      early.backward(loss(), step, List.of());
      assertThat(seen).containsExactlyInAnyOrder("classifier.weight", "classifier.bias");
      parameters.values().forEach(p -> p.setLeftOut(false));
      seen.clear();
      early.backward(loss(), step, List.of());
      assertThat(seen).containsExactlyInAnyOrderElementsOf(parameters.keySet());
    }
  }

  @Test
  void when_closed_it_leaves_gradients_alone() {
    List<String> seen = new ArrayList<>();
    GradientTransform watching = (group, gradients, at) -> seen.add(group.name());
    try (Scope scope = Scope.open()) {
      try (UpdateInBackward early =
          new UpdateInBackward(spec(null, 0), LossScale.NONE, watching, groups)) {
        early.backward(loss(), step, List.of());
      }
      int before = seen.size();
      loss().sum().backward();
      assertThat(seen).hasSize(before);
      assertThat(parameters.values()).allMatch(p -> p.value().grad() != null);
    }
  }

  @Test
  void gradient_that_is_not_finite_stops_and_names_its_parameter() {
    Parameter key = parameters.get("key.weight");
    try (Scope scope = Scope.open();
        UpdateInBackward early =
            new UpdateInBackward(spec(null, 0), LossScale.NONE, new AdamW(), groups)) {
      Tensor poison = key.value().sum().mul(Double.POSITIVE_INFINITY);
      Loss bad = new Loss(loss().sum().add(poison), 12, Map.of(), null);
      assertThatThrownBy(() -> early.backward(bad, step, List.of(7L)))
          .isInstanceOf(NonFiniteException.class)
          .hasMessageContaining("the gradient of key.weight")
          .hasMessageContaining("[7]")
          .hasMessageContaining("has been updated already")
          .hasMessageNotContaining("Nothing was updated");
    }
  }

  @Test
  void what_needs_all_gradients_is_refused_with_the_reason() {
    assertThatThrownBy(
            () -> new UpdateInBackward(spec(null, 1), LossScale.NONE, new AdamW(), groups))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("train.clip-norm to 0");
    assertThatThrownBy(() -> new UpdateInBackward(spec(4, 0), LossScale.NONE, new AdamW(), groups))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("micro-batch");
    assertThatThrownBy(
            () -> new UpdateInBackward(spec(null, 0), LossScale.NONE, new Chain(), groups))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("a link of the optimizer looks at all gradients");
    LossScale scaled = new Float16().lossScale(state);
    assertThatThrownBy(() -> new UpdateInBackward(spec(null, 0), scaled, new AdamW(), groups))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("a scaled loss");
  }
}
