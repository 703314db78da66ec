package dev.luthier.model.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import org.junit.jupiter.api.Test;

class ArithmeticTest {
  private static final Segments ONE = new Segments(new int[] {5}, new long[1]);

  private static Linear layer(Arithmetic arithmetic) {
    Linear layer = Linear.of(3, 4, 1);
    Modules.drawMissing(layer, Rng.Key.of(1));
    Modules.parameters(layer).values().forEach(p -> p.setArithmetic(arithmetic));
    return layer;
  }

  private static Tensor input() {
    return Rng.normal(Rng.Key.of(2), 0, 1, 5, 3);
  }

  @Test
  void weights_are_rounded_once_until_they_change() {
    Parameter weight = layer(Arithmetic.BFLOAT16).weight();
    try (Scope s = Scope.open();
        Autograd.Guard off = Autograd.noGrad()) {
      Tensor first = weight.factor();
      assertThat(first.dtype()).isEqualTo(DType.BF16);
      assertThat(weight.factor()).isSameAs(first);
      assertThat(weight.value().mulInPlace(2).dtype()).isEqualTo(DType.F32);
      assertThat(weight.factor()).isNotSameAs(first);
      assertThat(weight.factor().sameAs(weight.value().to(DType.BF16))).isTrue();
      weight.set(Tensor.ones(DType.F32, 4, 3), DType.F32);
      assertThat(weight.factor().toFloats()).containsOnly(1);
    }
  }

  @Test
  void as_stored_a_weight_is_its_own_factor() {
    Linear layer = layer(Arithmetic.AS_STORED);
    assertThat(layer.weight().factor()).isSameAs(layer.weight().value());
    try (Scope s = Scope.open()) {
      Tensor x = input();
      assertThat(layer.factor(x)).isSameAs(x);
    }
  }

  @Test
  void rounding_made_without_a_record_is_not_used_where_gradients_are_wanted() {
    Linear layer = layer(Arithmetic.BFLOAT16);
    try (Scope s = Scope.open()) {
      try (Autograd.Guard off = Autograd.noGrad()) {
        assertThat(layer.forward(input(), Pass.EVALUATION, ONE).requiresGrad()).isFalse();
      }
      layer.forward(input(), Pass.EVALUATION, ONE).to(DType.F32).sum().backward();
      assertThat(layer.weight().value().grad()).isNotNull();
    }
  }

  @Test
  void gradients_of_several_passes_add_up_in_the_master_weight() {
    Linear layer = layer(Arithmetic.BFLOAT16);
    Tensor master = layer.weight().value();
    try (Scope s = Scope.open()) {
      layer.forward(input(), Pass.EVALUATION, ONE).to(DType.F32).sum().backward();
      float[] once = master.grad().toFloats();
      assertThat(master.grad().dtype()).isEqualTo(DType.F32);
      for (int i = 0; i < 2; i++) {
        try (Scope part = Scope.open()) {
          layer.forward(input(), Pass.EVALUATION, ONE).to(DType.F32).sum().backward();
        }
      }
      float[] thrice = master.grad().toFloats();
      for (int i = 0; i < once.length; i++) {
        assertThat(thrice[i]).isEqualTo(once[i] + once[i] + once[i]);
      }
    }
  }

  @Test
  void recomputed_layers_round_as_they_did_at_first() {
    Linear layer = layer(Arithmetic.BFLOAT16);
    Tensor master = layer.weight().value();
    try (Scope s = Scope.open()) {
      Tensor x = input().requireGrad(true);
      Tensor kept = layer.forward(x, Pass.EVALUATION, ONE).to(DType.F32).pow(2).sum();
      kept.backward();
      Tensor dx = x.grad().copy();
      Tensor dw = master.grad().copy();
      x.clearGrad();
      master.clearGrad();
      Tensor again =
          Autograd.checkpoint(
              in -> layer.forward(in, Pass.EVALUATION, ONE).to(DType.F32).pow(2).sum(), x, master);
      assertThat(again.sameAs(kept.detach())).isTrue();
      again.backward();
      assertThat(x.grad().sameAs(dx)).isTrue();
      assertThat(master.grad().sameAs(dw)).isTrue();
    }
  }

  @Test
  void update_of_a_widened_copy_is_rounded_into_the_value() {
    Parameter p = new Parameter(Init.ones(), 2, 2);
    try (Scope s = Scope.open()) {
      p.set(Tensor.ones(DType.F32, 2, 2), DType.BF16);
      p.widened(
          () -> assertThat(p.value().addInPlace(1).dtype()).isEqualTo(DType.F32),
          wide -> wide.mul(2));
      assertThat(p.value().dtype()).isEqualTo(DType.BF16);
      assertThat(p.value().toFloats()).containsOnly(4);
      assertThat(p.value().requiresGrad()).isTrue();
    }
  }
}
