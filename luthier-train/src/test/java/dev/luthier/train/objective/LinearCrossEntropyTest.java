package dev.luthier.train.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.ChildJvm;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Functional;
import dev.luthier.tensor.ResidentMemory;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinearCrossEntropyTest {
  private static final int WIDTH = 3;

  /** So many classes that three rows are a portion. */
  private static final int CLASSES = (1 << 23) / 3;

  private static Tensor normal(String name, DType type, long... shape) {
    return Rng.normal(Rng.Key.of(5).with(name), 0, 1, shape).to(type).requireGrad(true);
  }

  private static Tensor targets(int rows, int classes) {
    long[] t = new long[rows];
    Arrays.setAll(t, i -> Rng.Key.of(6).below(i, classes));
    return Tensor.of(t, rows);
  }

  private static Tensor plain(Tensor h, Tensor w, Tensor b, Tensor t, double smoothing) {
    return Functional.crossEntropySum(Functional.linear(h, w, b), t, null, smoothing);
  }

  @ParameterizedTest
  @CsvSource({"F64, 1e-10, 0", "F64, 1e-10, 0.1", "F32, 1e-5, 0"})
  void value_and_gradients_equal_those_of_the_logits(
      DType type, double tolerance, double smoothing) {
    try (Scope s = Scope.open()) {
      Tensor t = targets(7, 11);
      List<Tensor> a = inputs(type, 7, 11);
      List<Tensor> b = inputs(type, 7, 11);
      Tensor expected = plain(a.get(0), a.get(1), a.get(2), t, smoothing);
      Tensor sum = LinearCrossEntropy.sum(b.get(0), b.get(1), b.get(2), t, smoothing);
      assertThat(sum.dtype()).isEqualTo(type);
      assertThat(sum.item()).isCloseTo(expected.item(), within(10 * tolerance));
      expected.mul(0.5).backward();
      sum.mul(0.5).backward();
      for (int i = 0; i < 3; i++) {
        assertThat(b.get(i).grad().toDoubles())
            .containsExactly(a.get(i).grad().toDoubles(), within(tolerance));
      }
    }
  }

  private static List<Tensor> inputs(DType type, int rows, int classes) {
    return List.of(
        normal("h", type, rows, WIDTH),
        normal("w", type, classes, WIDTH),
        normal("b", type, classes));
  }

  @Test
  void rows_of_several_portions_equal_the_logits_and_repeat_to_the_bit() {
    try (Scope s = Scope.open()) {
      Tensor t = targets(8, CLASSES);
      Tensor h = normal("h", DType.F32, 8, WIDTH);
      Tensor w = normal("w", DType.F32, CLASSES, WIDTH);
      LinearCrossEntropy.sum(h, w, null, t, 0).backward();
      Tensor dh = h.grad().copy();
      Tensor dw = w.grad().copy();
      h.clearGrad();
      w.clearGrad();
      Tensor again = LinearCrossEntropy.sum(h, w, null, t, 0);
      again.backward();
      assertThat(h.grad().sameAs(dh)).isTrue();
      assertThat(w.grad().sameAs(dw)).isTrue();
      // In float64, for the engine's own log-softmax loses digits over so many classes.
      Tensor wideH = h.detach().to(DType.F64).requireGrad(true);
      Tensor wideW = w.detach().to(DType.F64).requireGrad(true);
      Tensor expected = plain(wideH, wideW, null, t, 0);
      expected.backward();
      assertThat(again.item() / expected.item()).isCloseTo(1, within(1e-5));
      assertThat(dh.toDoubles()).containsExactly(wideH.grad().toDoubles(), within(1e-5));
      assertThat(dw.to(DType.F64).sub(wideW.grad()).abs().max().item()).isLessThan(1e-5);
    }
  }

  @Test
  void gradient_agrees_with_finite_differences() {
    try (Scope s = Scope.open()) {
      Tensor t = targets(4, 6);
      List<Tensor> in = inputs(DType.F64, 4, 6);
      LinearCrossEntropy.sum(in.get(0), in.get(1), in.get(2), t, 0.1).backward();
      for (int i = 0; i < 3; i++) {
        int which = i;
        double[] expected =
            Autograd.finiteDifferences(
                x -> {
                  List<Tensor> moved = new ArrayList<>(in);
                  moved.set(which, x);
                  return LinearCrossEntropy.sum(moved.get(0), moved.get(1), moved.get(2), t, 0.1)
                      .item();
                },
                in.get(i).detach(),
                1e-6);
        assertThat(in.get(i).grad().toDoubles()).containsExactly(expected, within(1e-7));
      }
    }
  }

  @Test
  void what_is_frozen_gets_no_gradient() {
    try (Scope s = Scope.open()) {
      Tensor t = targets(4, 6);
      Tensor h = normal("h", DType.F32, 4, WIDTH);
      Tensor w = normal("w", DType.F32, 6, WIDTH).detach();
      LinearCrossEntropy.sum(h, w, null, t, 0).backward();
      assertThat(h.grad()).isNotNull();
      assertThat(w.grad()).isNull();
      Tensor trained = normal("w", DType.F32, 6, WIDTH);
      LinearCrossEntropy.sum(h.detach(), trained, null, t, 0).backward();
      assertThat(trained.grad()).isNotNull();
    }
  }

  @Test
  void weight_that_is_also_the_word_table_gets_the_sum_of_both_gradients() {
    try (Scope s = Scope.open()) {
      Tensor ids = targets(5, 6);
      Tensor a = normal("w", DType.F64, 6, WIDTH);
      Tensor b = normal("w", DType.F64, 6, WIDTH);
      Tensor h = Functional.embedding(a, ids).tanh();
      Functional.crossEntropySum(Functional.linear(h, a, null), ids, null, 0).backward();
      LinearCrossEntropy.sum(Functional.embedding(b, ids).tanh(), b, null, ids, 0).backward();
      assertThat(b.grad().toDoubles()).containsExactly(a.grad().toDoubles(), within(1e-10));
    }
  }

  @Test
  void gradients_of_half_precision_are_summed_in_single() {
    try (Scope s = Scope.open()) {
      Tensor t = targets(6, 5);
      Tensor h = normal("h", DType.BF16, 6, WIDTH);
      Tensor w = normal("w", DType.BF16, 5, WIDTH);
      Tensor sum = LinearCrossEntropy.sum(h, w, null, t, 0);
      assertThat(sum.dtype()).isEqualTo(DType.F32);
      sum.backward();
      Tensor hf = h.detach().to(DType.F32).requireGrad(true);
      Tensor wf = w.detach().to(DType.F32).requireGrad(true);
      Functional.crossEntropySum(Functional.linear(hf, wf, null), t, null, 0).backward();
      assertThat(w.grad().dtype()).isEqualTo(DType.BF16);
      assertThat(w.grad().toDoubles()).containsExactly(wf.grad().toDoubles(), within(0.05));
      assertThat(h.grad().toDoubles()).containsExactly(hf.grad().toDoubles(), within(0.05));
    }
  }

  @Test
  void a_second_derivative_is_refused_instead_of_being_zero() {
    try (Scope s = Scope.open()) {
      Tensor h = normal("h", DType.F64, 2, WIDTH);
      Tensor w = normal("w", DType.F64, 5, WIDTH);
      Tensor sum = LinearCrossEntropy.sum(h, w, null, targets(2, 5), 0);
      assertThatThrownBy(() -> Autograd.grad(sum, new Tensor[] {h}, true))
          .hasMessageContaining("no second derivative");
    }
  }

  @Test
  void peak_memory_is_far_below_that_of_the_logits() {
    assumeTrue(ResidentMemory.isKnown(), "resident memory can be measured on Linux only");
    ChildJvm.Result r =
        new ChildJvm()
            .option("-Xms64m", "-Xmx64m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC")
            .run(ManyRows.class);
    assertThat(r.exit()).as(r.err()).isZero();
    assertThat(Long.parseLong(r.out().strip())).isLessThan(ManyRows.LOGITS / 5);
  }

  /** Prints how much the peak of resident memory grows by a loss over many rows. */
  static final class ManyRows {
    private static final int ROWS = 4096;
    private static final int WORDS = 32_000;
    static final long LOGITS = 4L * ROWS * WORDS;

    private ManyRows() {}

    public static void main(String[] args) {
      try (Scope s = Scope.open()) {
        Tensor h = normal("h", DType.F32, ROWS, 8);
        Tensor w = normal("w", DType.F32, WORDS, 8).detach();
        LinearCrossEntropy.sum(h.detach().narrow(0, 0, 8), w, null, targets(8, WORDS), 0);
        long before = ResidentMemory.peak();
        LinearCrossEntropy.sum(h, w, null, targets(ROWS, WORDS), 0).backward();
        System.out.println(ResidentMemory.peak() - before);
      }
    }
  }
}
