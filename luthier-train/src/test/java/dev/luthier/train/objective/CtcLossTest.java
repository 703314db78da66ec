package dev.luthier.train.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.tensor.io.TensorFile;
import dev.luthier.testing.Proves;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CtcLossTest {
  private static final int[][] TARGETS = {{}, {1}, {1, 2}, {2, 2}, {1, 2, 1}, {1, 1, 2}};

  @Test
  @Proves("loss-ctc")
  void it_is_the_sum_over_all_alignments_its_gradient_is_right_and_too_long_is_infinite() {
    try (Scope s = Scope.open()) {
      Tensor logits = Rng.normal(Rng.Key.of(1), 0, 1, 4, 3).to(DType.F64);
      double[] p = logits.softmax(-1).toDoubles();
      for (int[] target : TARGETS) {
        Tensor x = logits.copy().requireGrad(true);
        Tensor loss = CtcLoss.of(x, 0, target);
        assertThat(loss.item()).isCloseTo(-Math.log(likelihood(p, target)), within(1e-12));
        loss.backward();
        double[] expected =
            Autograd.finiteDifferences(t -> CtcLoss.of(t, 0, target).item(), logits, 1e-6);
        assertThat(x.grad().toDoubles()).containsExactly(expected, within(1e-7));
      }
      for (int[] target : new int[][] {{1, 2, 1, 2, 1}, {1, 1, 1}}) {
        Tensor x = logits.copy().requireGrad(true);
        Tensor loss = CtcLoss.of(x, 0, target);
        assertThat(loss.item()).isInfinite().isPositive();
        loss.backward();
        assertThat(x.grad().toDoubles()).containsOnly(0);
      }
    }
  }

  /** Adds up all 3⁴ alignments that mean the target. */
  private static double likelihood(double[] p, int... target) {
    double sum = 0;
    for (int code = 0; code < 81; code++) {
      List<Integer> said = new ArrayList<>();
      double product = 1;
      int before = -1;
      int rest = code;
      for (int t = 0; t < 4; t++, rest /= 3) {
        int symbol = rest % 3;
        product *= p[t * 3 + symbol];
        if (symbol != before && symbol != 0) {
          said.add(symbol);
        }
        before = symbol;
      }
      if (said.stream().mapToInt(Integer::intValue).boxed().toList().equals(boxed(target))) {
        sum += product;
      }
    }
    return sum;
  }

  private static List<Integer> boxed(int... values) {
    List<Integer> out = new ArrayList<>();
    for (int v : values) {
      out.add(v);
    }
    return out;
  }

  @Test
  void it_equals_the_reference() {
    try (Scope s = Scope.open();
        TensorFile file = GoldenLoss.open("objectives/ctc")) {
      for (String name : new String[] {"repeated", "empty"}) {
        int[] target = name.equals("empty") ? new int[0] : new int[] {1, 3, 3, 2};
        Tensor x = file.tensor("logits").copy().requireGrad(true);
        Tensor loss = CtcLoss.of(x, 0, target);
        loss.backward();
        assertThat(loss.item()).isCloseTo(file.tensor(name + ".loss").item(), within(1e-9));
        assertThat(x.grad().toDoubles())
            .containsExactly(file.tensor(name + ".grad").toDoubles(), within(1e-9));
      }
    }
  }

  @Test
  void long_sequences_do_not_underflow() {
    try (Scope s = Scope.open()) {
      Tensor logits = Rng.normal(Rng.Key.of(1), 0, 3, 3000, 5).to(DType.F64);
      assertThat(CtcLoss.of(logits, 0, 1, 2, 3).item()).isFinite().isGreaterThan(1000);
    }
  }

  @Test
  void the_blank_is_no_part_of_a_target() {
    try (Scope s = Scope.open()) {
      Tensor logits = Tensor.zeros(DType.F64, 3, 4);
      assertThatThrownBy(() -> CtcLoss.of(logits, 0, 1, 0)).hasMessageContaining("blank");
    }
  }
}
