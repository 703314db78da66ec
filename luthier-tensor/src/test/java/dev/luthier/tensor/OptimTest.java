package dev.luthier.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class OptimTest {
  private static final double LR = 0.1;
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.99;
  private static final double DECAY = 0.2;
  private static final double EPS = 1e-8;

  private static void step(Tensor p, Tensor g, Tensor m, Tensor v, Tensor t) {
    Optim.fusedAdamW(
        List.of(p), List.of(g), List.of(m), List.of(v), List.of(t), LR, BETA1, BETA2, DECAY, EPS);
  }

  @Test
  void steps_equal_the_paper_s_algorithm() {
    Rng.Key key = Rng.Key.of(3);
    try (Scope s = Scope.open()) {
      Tensor p = Rng.normal(key, 0, 1, 4, 3).to(DType.F64).requireGrad(true);
      Tensor m = p.zerosLike();
      Tensor v = p.zerosLike();
      Tensor t = Tensor.zeros(DType.F32);
      double[] x = p.toDoubles();
      double[] xm = new double[x.length];
      double[] xv = new double[x.length];
      for (int n = 1; n <= 10; n++) {
        Tensor g = Rng.normal(key.with(n), 0, 1, 3, 4).to(DType.F64).transpose(0, 1);
        double[] xg = g.toDoubles();
        t.fill(n);
        step(p, g, m, v, t);
        for (int i = 0; i < x.length; i++) {
          xm[i] = BETA1 * xm[i] + (1 - BETA1) * xg[i];
          xv[i] = BETA2 * xv[i] + (1 - BETA2) * xg[i] * xg[i];
          double root = Math.sqrt(xv[i] / (1 - Math.pow(BETA2, n))) + EPS;
          x[i] = x[i] * (1 - LR * DECAY) - LR * xm[i] / (1 - Math.pow(BETA1, n)) / root;
        }
        assertThat(p.toDoubles()).containsExactly(x, within(1e-12));
      }
      assertThat(p.requiresGrad()).isTrue();
      assertThat(t.item()).isEqualTo(10);
    }
  }

  @Test
  void what_does_not_fit_is_refused_before_memory_is_touched() {
    try (Scope s = Scope.open()) {
      Tensor p = Tensor.ones(DType.F32, 2, 3);
      Tensor t = Tensor.ones(DType.F32);
      assertThatThrownBy(() -> step(p, Tensor.ones(DType.F32, 2), p.zerosLike(), p.zerosLike(), t))
          .isInstanceOf(TensorException.class)
          .hasMessageContaining("gradients")
          .hasMessageContaining("F32[2, 3]");
      assertThatThrownBy(() -> step(p, p.copy(), p.zerosLike(), p.zerosLike().to(DType.F64), t))
          .isInstanceOf(TensorException.class)
          .hasMessageContaining("second moments");
      assertThatThrownBy(
              () -> step(p, p.copy(), p.zerosLike(), p.zerosLike(), Tensor.of(new int[] {1})))
          .isInstanceOf(TensorException.class)
          .hasMessageContaining("step count");
      Tensor q = p.transpose(0, 1);
      assertThatThrownBy(() -> step(q, q.copy(), q.zerosLike(), q.zerosLike(), t))
          .isInstanceOf(TensorException.class)
          .hasMessageContaining("not contiguous");
    }
  }
}
