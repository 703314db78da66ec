package dev.luthier.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.model.nn.Init;
import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import java.util.List;
import org.junit.jupiter.api.Test;

class OtherWeightsTest {
  private static Parameter drawn(int seed) {
    Parameter p = new Parameter(Init.normal(1), 3);
    p.draw(Rng.Key.of(seed));
    return p;
  }

  @Test
  void own_values_come_back_to_the_bit_also_when_something_fails() {
    try (Scope scope = Scope.open()) {
      Parameter first = drawn(1);
      Parameter second = drawn(2);
      byte[] own = first.value().toBytes();
      try (OtherWeights shown =
          OtherWeights.show(
              List.of(first, second), p -> p == first ? p.value().mul(0).add(1) : null)) {
        assertThat(first.value().toDoubles()).containsOnly(1);
      }
      assertThat(first.value().toBytes()).isEqualTo(own);
      assertThatThrownBy(
              () ->
                  OtherWeights.show(
                      List.of(first, second),
                      p -> {
                        if (p == second) {
                          throw new IllegalStateException("no");
                        }
                        return p.value().mul(0).add(1);
                      }))
          .hasMessage("no");
      assertThat(first.value().toBytes()).isEqualTo(own);
    }
  }
}
