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
import dev.luthier.train.Identity;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.LossScale;
import dev.luthier.train.NonFiniteException;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.Origin;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;
import dev.luthier.train.TrainSpec;
import dev.luthier.train.TrainSpec.MemorySpec;
import dev.luthier.train.TrainingException;
import dev.luthier.train.checkpoint.Checkpoints;
import dev.luthier.train.objective.CrossEntropy;
import dev.luthier.train.optim.AdamW;
import dev.luthier.train.optim.BAdam;
import dev.luthier.train.optim.Chain;
import dev.luthier.train.optim.Swa;
import dev.luthier.train.precision.Float16;
import dev.luthier.train.schedule.ConstantSchedule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UpdateInBackwardTest {
  private final ToyModel model = new ToyModel(0.2, DType.F32);
  private final Map<String, Parameter> parameters = Modules.parameters(model);
  private final List<ParameterGroup> groups = ParameterGroup.byShape(parameters);
  private final OptimizerState state = new OptimizerState(parameters);
  private final StepContext step = new StepContext(0, 10, 0, 1, Rng.Key.of(8), state);

  private static TrainSpec spec(Integer micro, double clip) {
    return spec(micro, clip, true);
  }

  private static TrainSpec spec(Integer micro, double clip, boolean early) {
    MemorySpec memory = new MemorySpec(false, true, early);
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
    GradientTransform watching =
        (group, gradients, at) ->
            group.parameters().forEach((name, p) -> collect(seen, name, gradients.has(p)));
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

  private static void collect(List<String> into, String name, boolean updated) {
    if (updated) {
      into.add(name);
    }
  }

  @Test
  void averages_are_the_same_of_parameters_too_whose_turn_it_is_not(@TempDir Path folder) {
    GradientTransform badam =
        new BAdam(1e-2, 2, BAdam.Order.ASCENDING, List.of(), true, 0.9, 0.999, 1e-8, 0);
    GradientTransform averaged = new Chain(List.of(badam, new Swa(0.3, 1)));
    List<Map<String, double[]>> ends = new ArrayList<>();
    for (boolean early : new boolean[] {false, true}) {
      ToyModel own = new ToyModel(0.2, DType.F32);
      var unused =
          new Trainer(
                  new Trainer.Setup(
                      own,
                      new CrossEntropy(),
                      averaged,
                      new ConstantSchedule(),
                      ToyModel.data(40),
                      ToyModel.collator(),
                      spec(null, 0, early),
                      List.of(),
                      new Checkpoints(
                          folder.resolve("early-" + early),
                          2,
                          new Identity("recipe", "data", "base"),
                          w -> {}),
                      null,
                      Origin.of(Path.of(""))))
              .run();
      Map<String, double[]> end = new TreeMap<>();
      Modules.parameters(own).forEach((name, p) -> end.put(name, p.value().toDoubles()));
      ends.add(end);
    }
    ends.get(0).forEach((name, w) -> assertThat(ends.get(1).get(name)).as(name).isEqualTo(w));
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
