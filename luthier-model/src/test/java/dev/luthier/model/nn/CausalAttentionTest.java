package dev.luthier.model.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CausalAttentionTest {
  private static final Rng.Key KEY = Rng.Key.of(5);

  @ParameterizedTest
  @CsvSource({"4, 4", "4, 2", "6, 1"})
  void both_ways_to_compute_it_give_the_same_values_and_gradients(int heads, int groups) {
    CausalAttention attention = new CausalAttention(heads, groups, 0);
    Segments segments = new Segments(new int[] {3, 70, 70}, new long[3]);
    Segments.Run run = segments.runs().get(1);
    try (Scope scope = Scope.open()) {
      Tensor[] in = {drawn("q", heads), drawn("k", groups), drawn("v", groups)};
      Tensor[] explicit =
          valueAndGradients(
              (q, k, v) -> attention.explicit(q, k, v, Pass.EVALUATION, segments, run),
              segments,
              in);
      Tensor[] fused = valueAndGradients((q, k, v) -> attention.fused(q, k, v, run), segments, in);
      for (int i = 0; i < fused.length; i++) {
        assertThat(fused[i].sub(explicit[i]).abs().max().item()).isCloseTo(0, within(2e-5));
      }
    }
  }

  private interface Attention {
    Tensor apply(Tensor q, Tensor k, Tensor v);
  }

  /** Of the second run alone. */
  private static Tensor[] valueAndGradients(Attention attention, Segments segments, Tensor... in) {
    Tensor y =
        attention.apply(
            segments.split(in[0])[1], segments.split(in[1])[1], segments.split(in[2])[1]);
    Tensor probe = Rng.normal(KEY.with("probe"), 0, 1, y.shape());
    Tensor[] g = Autograd.grad(y.mul(probe).sum(), in, false);
    return new Tensor[] {y, g[0], g[1], g[2]};
  }

  private static Tensor drawn(String name, int heads) {
    return Rng.normal(KEY.with(name), 0, 1, 143, heads, 8).requireGrad(true);
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 768})
  void narrow_values_go_either_way_and_come_out_narrow(int length) {
    try (Scope scope = Scope.open()) {
      Segments one = new Segments(new int[] {length}, new long[1]);
      Tensor x = Rng.normal(KEY, 0, 1, length, 2, 8);
      Tensor n = x.to(DType.BF16);
      CausalAttention attention = new CausalAttention(2, 2, 0);
      Tensor wide = attention.forward(x, x, x, Pass.EVALUATION, one);
      Tensor narrow = attention.forward(n, n, n, Pass.EVALUATION, one);
      assertThat(narrow.dtype()).isEqualTo(DType.BF16);
      assertThat(narrow.to(DType.F32).sub(wide).abs().max().item()).isCloseTo(0, within(0.05));
    }
  }

  @Test
  void it_is_what_its_equation_says() {
    try (Scope scope = Scope.open()) {
      Tensor q = Rng.normal(KEY.with("q"), 0, 1, 3, 2, 4).to(DType.F64);
      Tensor k = Rng.normal(KEY.with("k"), 0, 1, 3, 1, 4).to(DType.F64);
      Tensor v = Rng.normal(KEY.with("v"), 0, 1, 3, 1, 4).to(DType.F64);
      Segments one = new Segments(new int[] {3}, new long[1]);
      Tensor y = new CausalAttention(2, 1, 0).forward(q, k, v, Pass.EVALUATION, one);
      for (int head = 0; head < 2; head++) {
        for (int i = 0; i < 3; i++) {
          Tensor seen = k.select(1, 0).narrow(0, 0, i + 1);
          Tensor scores = seen.matmul(q.select(0, i).select(0, head)).div(2);
          Tensor expected =
              scores.softmax(0).unsqueeze(0).matmul(v.select(1, 0).narrow(0, 0, i + 1));
          Tensor found = y.select(0, i).narrow(0, head * 4L, 4);
          assertThat(found.sub(expected).abs().max().item()).isCloseTo(0, within(1e-12));
        }
      }
    }
  }
}
