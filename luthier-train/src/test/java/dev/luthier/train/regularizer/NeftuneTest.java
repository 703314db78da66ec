package dev.luthier.train.regularizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.data.batch.Batch;
import dev.luthier.model.Model;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.Objective;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.loop.ToyModel;
import dev.luthier.train.objective.CrossEntropy;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class NeftuneTest extends WrapperContract {
  @Override
  protected Objective around(Objective of) {
    return new Neftune(5, of);
  }

  @Override
  protected Objective off(Objective of) {
    return new Neftune(0, of);
  }

  @Test
  @Proves("p-neftune")
  void noise_is_uniform_up_to_alpha_over_the_root_of_length_and_width_and_there_is_none_in_eval() {
    int width = 64;
    Segments segments = new Segments(new int[] {100, 25}, new long[] {3, 8});
    ToyModel model = model(DType.F32);
    try (Scope s = Scope.open()) {
      Tensor noise = noise(step(model), segments, width);
      double most = 5 / Math.sqrt(100.0 * width);
      assertUniform(noise.narrow(0, 0, 100), most);
      assertUniform(noise.narrow(0, 100, 25), 2 * most);
      Tensor next = noise(step(model).draw(1), segments, width);
      assertThat(next.sameAs(noise)).isFalse();
      LossContext measuring = LossContext.evaluation(Rng.Key.of(1), new OptimizerState(Map.of()));
      assertThat(pass(measuring).embedding()).isNull();
    }
  }

  private static void assertUniform(Tensor x, double most) {
    assertThat(x.abs().max().item()).isLessThanOrEqualTo(most).isGreaterThan(0.99 * most);
    assertThat(x.mean().item()).isCloseTo(0, within(0.05 * most));
    assertThat(x.pow(2).mean().item()).isCloseTo(most * most / 3, within(0.05 * most * most));
  }

  /** What is added to embeddings of zero. */
  private static Tensor noise(LossContext step, Segments segments, int width) {
    return pass(step).embedded(Tensor.zeros(DType.F32, segments.total(), width), segments);
  }

  /** The pass that the objective inside sees. */
  private static Pass pass(LossContext step) {
    AtomicReference<Pass> seen = new AtomicReference<>();
    Objective looks =
        new Objective() {
          @Override
          public Loss compute(Model model, Batch batch, LossContext inner) {
            seen.set(inner.pass());
            return new Loss(Tensor.zeros(DType.F32, 1).sum(), 1, Map.of(), null);
          }
        };
    ToyModel model = new ToyModel(0, DType.F32);
    var unused = new Neftune(5, looks).compute(model, null, step);
    return seen.get();
  }

  @Test
  void the_noise_of_an_example_does_not_depend_on_its_company() {
    Segments together = new Segments(new int[] {4, 3}, new long[] {7, 2});
    Segments alone = new Segments(new int[] {3}, new long[] {2});
    ToyModel model = model(DType.F32);
    try (Scope s = Scope.open()) {
      assertThat(
              noise(step(model), together, 8)
                  .narrow(0, 4, 3)
                  .contiguous()
                  .sameAs(noise(step(model), alone, 8)))
          .isTrue();
    }
  }

  @Test
  void both_passes_of_r_drop_inside_have_noise_of_their_own() {
    ToyModel model = new ToyModel(0, DType.F32);
    try (Scope s = Scope.open()) {
      Loss loss =
          new Neftune(5, new RDrop(1, new CrossEntropy())).compute(model, batch(), step(model));
      assertThat(loss.scalars().get("r-drop")).isPositive();
    }
  }
}
