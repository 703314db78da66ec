package dev.luthier.train.regularizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.data.batch.Batch;
import dev.luthier.model.Pretrained;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import dev.luthier.train.LossContext;
import dev.luthier.train.Objective;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.StepContext;
import dev.luthier.train.loop.ToyModel;
import dev.luthier.train.objective.CrossEntropy;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DropoutTest extends WrapperContract {
  @Override
  protected Objective around(Objective of) {
    return new Dropout(0.4, of);
  }

  /** The model's own probability. */
  @Override
  protected Objective off(Objective of) {
    return new Dropout(0.1, of);
  }

  private static Segments one(int rows) {
    return new Segments(new int[] {rows}, new long[] {0});
  }

  @Test
  @Proves("reg-dropout")
  void it_drops_the_share_that_the_recipe_says_and_keeps_the_expected_value() {
    try (Scope s = Scope.open()) {
      Tensor ones = Tensor.ones(DType.F32, 1000, 200);
      Pass pass = Pass.training(Rng.Key.of(3)).dropping(0.4);
      double[] values = pass.dropout(ones, 0.1, "here", one(1000)).toDoubles();
      long zeros = 0;
      double sum = 0;
      for (double v : values) {
        zeros += v == 0 ? 1 : 0;
        sum += v;
        assertThat(v == 0 || Math.abs(v - 1 / 0.6) < 1e-4).isTrue();
      }
      assertThat(zeros / (double) values.length).isBetween(0.395, 0.405);
      assertThat(sum / values.length).isBetween(0.99, 1.01);
      Tensor evaluated = Pass.EVALUATION.dropping(0.4).dropout(ones, 0.1, "here", one(1000));
      assertThat(evaluated.sameAs(ones)).isTrue();
    }
  }

  @Test
  @Proves("reg-dropout")
  void a_checkpoint_without_dropout_gets_it_and_only_while_it_learns() throws URISyntaxException {
    Path folder = Path.of(DropoutTest.class.getResource("/golden/lora/base-bert").toURI());
    Pretrained model = Pretrained.load(folder, null, Rng.Key.of(0));
    OptimizerState state = new OptimizerState(Map.of());
    Batch batch = ToyModel.collator().collate(ToyModel.data(6).examples(), Rng.Key.of(1));
    LossContext learning = new LossContext(new StepContext(0, 1, 0, 1, Rng.Key.of(4), state));
    LossContext measuring = LossContext.evaluation(Rng.Key.of(4), state);
    Objective plain = new CrossEntropy();
    Objective dropping = new Dropout(0.3, plain);
    try (Scope s = Scope.open()) {
      double own = plain.compute(model.model(), batch, learning).sum().item();
      double measured = plain.compute(model.model(), batch, measuring).sum().item();
      assertThat(own).as("its config says no dropout").isEqualTo(measured);
      assertThat(dropping.compute(model.model(), batch, learning).sum().item()).isNotEqualTo(own);
      assertThat(dropping.compute(model.model(), batch, measuring).sum().item())
          .isEqualTo(measured);
    }
  }

  @Test
  void a_probability_of_zero_switches_dropout_off() {
    ToyModel model = model(DType.F32);
    try (Scope s = Scope.open()) {
      Objective none = new Dropout(0, new CrossEntropy());
      LossContext measuring = LossContext.evaluation(Rng.Key.of(1), new OptimizerState(Map.of()));
      assertThat(none.compute(model, batch(), step(model)).sum().item())
          .isEqualTo(none.compute(model, batch(), measuring).sum().item());
    }
  }
}
