package dev.luthier.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class InPlaceTest {
  private static Tensor of(double... values) {
    return Tensor.of(values, values.length);
  }

  @Test
  void each_changes_the_tensor_it_is_called_on_and_returns_it() {
    try (Scope s = Scope.open()) {
      Tensor x = of(4, 9);
      assertThat(x.mulInPlace(of(2, 3))).isSameAs(x);
      assertThat(x.toDoubles()).containsExactly(8, 27);
      assertThat(x.addcmulInPlace(of(1, 2), of(3, 4), -0.5).toDoubles()).containsExactly(6.5, 23);
      assertThat(x.addcdivInPlace(of(1, 6), of(2, 3), 2).toDoubles()).containsExactly(7.5, 27);
      assertThat(x.clampInPlace(8, Double.POSITIVE_INFINITY).toDoubles()).containsExactly(8, 27);
      assertThat(x.clampInPlace(-1, 9).toDoubles()).containsExactly(8, 9);
      assertThat(x.version()).isEqualTo(5);
      assertThat(of(4, 0.25).rsqrt().toDoubles()).containsExactly(0.5, 2);
    }
  }
}
