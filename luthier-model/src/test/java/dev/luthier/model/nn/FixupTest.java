package dev.luthier.model.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FixupTest {
  private static final Rng.Key KEY = Rng.Key.of(6);
  private static final int BRANCHES = 50;
  private static final int WIDTH = 16;
  private static final double RATE = 0.1;

  /**
   * Fifty residual branches of two layers and no norm: x + a W₂ ReLU(W₁ (x + b) + c) + d, with the
   * scalars a to d of the paper's third rule, which learn at a tenth of the rate.
   */
  private static final class Deep {
    private final List<Parameter> all = new ArrayList<>();

    Deep(Init first, Init last) {
      for (int i = 0; i < BRANCHES; i++) {
        declare(first, i, WIDTH, WIDTH);
        declare(last, i, WIDTH, WIDTH);
        declare(Init.ones(), i, 1);
        for (int bias = 0; bias < 3; bias++) {
          declare(Init.zeros(), i, 1);
        }
      }
    }

    private void declare(Init init, int branch, long... shape) {
      Parameter p = new Parameter(init, shape);
      p.draw(KEY.with(branch).with(all.size()));
      all.add(p);
    }

    Tensor forward(Tensor x) {
      Tensor out = x;
      for (int i = 0; i < all.size(); i += 6) {
        Tensor in = out.add(value(i + 3)).matmul(value(i).transpose(0, 1)).add(value(i + 4));
        Tensor branch = Functional.relu(in).matmul(value(i + 1).transpose(0, 1));
        out = out.add(branch.mul(value(i + 2))).add(value(i + 5));
      }
      return out;
    }

    private Tensor value(int i) {
      return all.get(i).value();
    }
  }

  /** The mean squared errors of some steps of gradient descent. */
  private static double[] losses(Init first, Init last) {
    Deep network = new Deep(first, last);
    double[] out = new double[60];
    for (int step = 0; step < out.length; step++) {
      try (Scope scope = Scope.open()) {
        Tensor x = Rng.normal(KEY.with("x"), 0, 1, 32, WIDTH);
        Tensor y = x.abs().sub(Tensor.ones(DType.F32, 32, WIDTH));
        Tensor loss = network.forward(x).sub(y).pow(2).sum().div(32.0 * WIDTH);
        loss.backward();
        out[step] = loss.item();
        try (Autograd.Guard off = Autograd.noGrad()) {
          for (Parameter p : network.all) {
            var unused = p.value().addInPlace(p.value().grad(), p.count() > 1 ? -RATE : -RATE / 10);
            p.value().clearGrad();
          }
        }
      }
    }
    return out;
  }

  @Test
  @Proves("fixup-init")
  void a_deep_network_without_norms_learns_with_it_and_fails_without() {
    double[] plain = losses(Init.he(), Init.he());
    assertThat(plain[plain.length - 1]).isNaN();
    double[] fixed = losses(Init.fixup(BRANCHES, 2), Init.zeros());
    assertThat(fixed).doesNotContain(Double.NaN, Double.POSITIVE_INFINITY);
    assertThat(fixed[fixed.length - 1]).isLessThan(0.6 * fixed[0]);
  }

  @Test
  void deviations_fall_with_the_number_of_branches() {
    try (Scope scope = Scope.open()) {
      double he = deviation(Init.he());
      assertThat(he).isCloseTo(Math.sqrt(2 / 300.0), within(5e-4));
      assertThat(deviation(Init.fixup(16, 2)) / he).isCloseTo(0.25, within(1e-6));
      assertThat(deviation(Init.fixup(16, 3)) / he).isCloseTo(0.5, within(1e-6));
    }
    assertThatThrownBy(() -> Init.fixup(4, 1)).hasMessageContaining("not for 4 of 1");
  }

  private static double deviation(Init init) {
    Tensor drawn = init.draw(KEY, new long[] {200, 300});
    return Math.sqrt(drawn.pow(2).sum().item() / 60_000);
  }
}
