package dev.luthier.train.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.model.Pooling;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.Objective;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.loop.ToyModel;
import dev.luthier.train.schedule.ConstantSchedule;
import dev.luthier.train.schedule.LinearSchedule;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JointTest extends ObjectiveContract {
  private static final Joint.Part FADING = new Joint.Part(new Focal(), 0.5, new LinearSchedule(0));

  @Override
  protected Objective subject() {
    return new Joint(List.of(new Joint.Part(new CrossEntropy()), FADING));
  }

  @Test
  void strengths_follow_their_schedules_and_all_is_divided_by_the_weight_of_the_first() {
    ToyModel model = model(DType.F64);
    try (Scope s = Scope.open()) {
      double one = new CrossEntropy().compute(model, batch(), step(model)).sum().item();
      double two = new Focal().compute(model, batch(), step(model)).sum().item();
      Loss loss = subject().compute(model, batch(), step(model)); // step 3 of 10
      assertThat(loss.sum().item()).isCloseTo(one + 0.5 * 0.7 * two, within(1e-10));
      assertThat(loss.scalars().get("part-2")).isCloseTo(0.5 * 0.7 * two, within(1e-10));
      assertThat(loss.weight()).isEqualTo(EXAMPLES);
    }
  }

  @Test
  void a_part_without_strength_is_not_there_to_the_bit() {
    ToyModel one = model(DType.F32);
    ToyModel two = model(DType.F32);
    Joint.Part off = new Joint.Part(new Focal(), 0, new ConstantSchedule());
    assertSameBits(
        one,
        new Joint(List.of(new Joint.Part(new CrossEntropy()), off)),
        step(one),
        two,
        new CrossEntropy(),
        step(two));
  }

  @Test
  void what_is_measured_is_the_first_alone() {
    ToyModel model = model(DType.F32);
    LossContext measuring = LossContext.evaluation(Rng.Key.of(1), new OptimizerState(Map.of()));
    assertSameBits(model, subject(), measuring, model, new CrossEntropy(), measuring);
  }

  @Test
  void one_part_that_is_no_sum_over_examples_keeps_batches_whole() {
    assertThat(subject().isSumOverExamples()).isTrue();
    Joint.Part whole = new Joint.Part(new SupervisedContrastive(0.1, Pooling.Kind.MEAN));
    assertThat(new Joint(List.of(FADING, whole)).isSumOverExamples()).isFalse();
  }

  @Test
  void there_must_be_a_part() {
    assertThatThrownBy(() -> new Joint(List.of())).hasMessageContaining("parts must name");
  }
}
