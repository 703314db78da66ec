package dev.luthier.train.regularizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.data.batch.Batch;
import dev.luthier.model.Model;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.train.Beginning;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.Objective;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.loop.ToyModel;
import dev.luthier.train.objective.CrossEntropy;
import dev.luthier.train.objective.ObjectiveContract;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What every objective around another must hold to, beside what every objective must. */
public abstract class WrapperContract extends ObjectiveContract {
  /** The technique around an objective, with options of interest. */
  protected abstract Objective around(Objective of);

  /** The same with a strength of zero. */
  protected abstract Objective off(Objective of);

  @Override
  protected final Objective subject() {
    return around(new CrossEntropy(0.1));
  }

  @Test
  protected void with_a_strength_of_zero_it_is_what_it_is_around_to_the_bit() {
    ToyModel one = model(DType.F32);
    ToyModel two = model(DType.F32);
    assertSameBits(
        one,
        begun(off(new CrossEntropy(0.1)), one),
        step(one),
        two,
        begun(new CrossEntropy(0.1), two),
        step(two));
  }

  @Test
  void with_a_strength_it_is_something_else() {
    ToyModel one = model(DType.F64);
    ToyModel two = model(DType.F64);
    double on = begun(subject(), one).compute(one, batch(), step(one)).sum().item();
    double off = begun(new CrossEntropy(0.1), two).compute(two, batch(), step(two)).sum().item();
    assertThat(on).isNotEqualTo(off);
  }

  @Test
  protected void what_is_only_measured_is_what_it_is_around_to_the_bit() {
    ToyModel model = model(DType.F32);
    LossContext measuring = LossContext.evaluation(Rng.Key.of(1), new OptimizerState(Map.of()));
    CrossEntropy plain = new CrossEntropy(0.1);
    assertSameBits(model, begun(subject(), model), measuring, model, plain, measuring);
    assertSameBits(model, subject(), measuring, model, plain, measuring);
  }

  @Test
  void it_has_what_it_is_around_begin_and_is_a_sum_if_that_is_one() {
    Probe probe = new Probe();
    Objective begun = begun(around(probe), model(DType.F32));
    assertThat(probe.begun).isTrue();
    assertThat(around(probe).isSumOverExamples()).isFalse();
    assertThat(begun.isSumOverExamples()).isFalse();
    assertThat(begun(off(probe), model(DType.F32)).isSumOverExamples()).isFalse();
  }

  /** Notes what is asked of it. */
  private static final class Probe implements Objective {
    private boolean begun;

    @Override
    public Objective begin(Beginning beginning) {
      begun = true;
      return this;
    }

    @Override
    public Loss compute(Model model, Batch batch, LossContext step) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean isSumOverExamples() {
      return false;
    }
  }
}
