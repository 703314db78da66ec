package dev.luthier.train.regularizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.data.batch.Batch;
import dev.luthier.model.nn.Modules;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.train.Beginning;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.Moment;
import dev.luthier.train.Objective;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.Origin;
import dev.luthier.train.StepContext;
import dev.luthier.train.loop.ToyModel;
import dev.luthier.train.objective.CrossEntropy;
import dev.luthier.train.objective.Joint;
import dev.luthier.train.schedule.ConstantSchedule;
import java.nio.file.Path;
import java.util.List;
import java.util.function.DoubleFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StrengthsTest {
  private static final Objective CE = new CrossEntropy();

  static Stream<DoubleFunction<Objective>> regularizers() {
    return Stream.of(
        s -> new RDrop(s, CE),
        s -> new Neftune(8 * s, CE),
        s -> new R3f(s, 0.1, Noise.NORMAL, s / 2, CE),
        s -> new L2Sp(s, s / 4, CE),
        s -> new Mixout(s / 2, CE),
        s -> new Smart(s, s, 0.1, 0.1, 0.1, 1, 0.9, CE),
        s -> new ZLoss(s, CE),
        s -> new Mixup(s, CE));
  }

  private static double loss(Objective objective, double factor) {
    ToyModel model = new ToyModel(0.1, DType.F64);
    Batch batch = ToyModel.collator().collate(ToyModel.data(8).examples(), Rng.Key.of(1));
    Objective begun =
        objective.begin(new Beginning(model, ToyModel.data(8), Origin.of(Path.of(""))));
    try (Scope scope = Scope.open()) {
      Modules.parameters(model)
          .forEach(
              (name, p) -> {
                var unused = p.value().detach().mulInPlace(1.3);
              });
      OptimizerState state = new OptimizerState(Modules.parameters(model));
      StepContext step =
          new StepContext(
              new Moment(2, 9, 0), new StepContext.Factors(1, 1, factor), Rng.Key.of(8), state);
      Loss loss = begun.compute(model, batch, new LossContext(step));
      return loss.sum().item();
    }
  }

  @ParameterizedTest
  @MethodSource("regularizers")
  void a_scheduled_strength_is_a_factor_of_what_the_recipe_says(DoubleFunction<Objective> of) {
    assertThat(loss(of.apply(1), 0.5)).isEqualTo(loss(of.apply(0.5), 1));
    assertThat(loss(of.apply(1), 0.5)).isNotEqualTo(loss(of.apply(1), 1));
    assertThat(loss(of.apply(1), 0)).as("at zero, the loss inside").isEqualTo(loss(CE, 1));
  }

  @Test
  void a_strength_is_found_wherever_in_an_objective_it_stands() {
    assertThat(Strengths.areIn(CE)).isFalse();
    assertThat(Strengths.areIn(new ZLoss())).isTrue();
    Joint.Part part = new Joint.Part(new ZLoss(), 1, new ConstantSchedule());
    assertThat(Strengths.areIn(new Joint(List.of(new Joint.Part(CE), part)))).isTrue();
    assertThat(Strengths.areIn(new Joint(List.of(new Joint.Part(CE))))).isFalse();
  }
}
