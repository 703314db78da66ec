package dev.luthier.train.regularizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.data.batch.Targets;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.tensor.io.TensorFile;
import java.net.URISyntaxException;
import java.nio.file.Path;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class DivergenceTest {
  private static final Targets CLASSES = new Targets.Classes(Tensor.of(new int[] {0}));
  private static final Targets FLAGS = new Targets.Flags(Tensor.zeros(DType.F32, 1, 1));
  private static final Targets SCORES = new Targets.Scores(Tensor.zeros(DType.F32, 1));
  private static final Offset<Double> NEAR = within(1e-8);

  private static TensorFile golden() {
    try {
      return TensorFile.open(
          Path.of(
              DivergenceTest.class
                  .getResource("/golden/objectives/divergences.safetensors")
                  .toURI()));
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void they_equal_the_reference() {
    try (Scope s = Scope.open();
        TensorFile file = golden()) {
      Tensor a = file.tensor("a");
      Tensor b = file.tensor("b");
      assertThat(Divergence.symmetric("", CLASSES, a, b).item())
          .isCloseTo(file.tensor("symmetric").item(), NEAR);
      assertThat(Divergence.symmetric("", FLAGS, a, b).item())
          .isCloseTo(file.tensor("symmetric-several").item(), NEAR);
      assertThat(Divergence.oneWay("", CLASSES, a, b, 2).item())
          .isCloseTo(file.tensor("one-way-softened").item(), NEAR);
      assertThat(Divergence.oneWay("", FLAGS, a, b, 2).item())
          .isCloseTo(file.tensor("one-way-softened-several").item(), NEAR);
      assertThat(Divergence.symmetric("", SCORES, a, b).item())
          .isCloseTo(a.sub(b).pow(2).sum().item(), NEAR);
    }
  }

  @Test
  void the_largest_singular_value_equals_the_reference_and_its_gradient_finite_differences() {
    try (Scope s = Scope.open();
        TensorFile file = golden()) {
      Tensor a = file.tensor("a").copy().requireGrad(true);
      Tensor norm = SpectralNorm.of(a);
      assertThat(norm.item()).isCloseTo(file.tensor("spectral-norm").item(), NEAR);
      norm.backward();
      assertThat(a.grad().toDoubles())
          .containsExactly(
              Autograd.finiteDifferences(t -> SpectralNorm.of(t).item(), a.detach(), 1e-6),
              within(1e-6));
    }
  }

  @Test
  void equal_answers_are_not_apart_to_the_bit_and_targets_without_answers_are_refused() {
    try (Scope s = Scope.open()) {
      Tensor a = Rng.normal(Rng.Key.of(1), 0, 3, 4, 3);
      for (Targets t : new Targets[] {CLASSES, FLAGS, SCORES}) {
        assertThat(Divergence.symmetric("", t, a, a.copy()).item()).isZero();
        assertThat(Divergence.oneWay("", t, a, a.copy(), 3).item()).isZero();
      }
      assertThatThrownBy(() -> Divergence.symmetric("r-drop", new Targets.None(), a, a))
          .hasMessageContaining("r-drop compares answers about classes or numbers");
    }
  }
}
