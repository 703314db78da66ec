package dev.luthier.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.testing.Proves;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AutogradTest {
  private static final Rng.Key KEY = Rng.Key.of(5);

  /** x² w with a gradient of its own. */
  private static final Autograd.Function SQUARE_TIMES =
      new Autograd.Function() {
        @Override
        public Tensor forward(Tensor... in) {
          return in[0].mul(in[0]).mul(in[1]);
        }

        @Override
        public @Nullable Tensor[] backward(Tensor g, Tensor... in) {
          return new Tensor[] {
            g.mul(in[0]).mul(in[1]).mul(2), g.mul(in[0]).mul(in[0]).sum(),
          };
        }
      };

  @Test
  void gradient_of_a_custom_function_equals_that_of_the_recorded_operations_to_second_order() {
    try (Scope s = Scope.open()) {
      Tensor x = Rng.normal(KEY, 0, 1, 4).requireGrad(true);
      Tensor w = Rng.normal(KEY.with(1), 0, 1).requireGrad(true);
      Tensor xi = x.exp();
      Tensor ours = Autograd.apply(SQUARE_TIMES, xi, w).tanh().sum();
      Tensor theirs = xi.mul(xi).mul(w).tanh().sum();

      Tensor[] g = Autograd.grad(ours, new Tensor[] {x, w}, true);
      Tensor[] r = Autograd.grad(theirs, new Tensor[] {x, w}, true);
      for (int i = 0; i < 2; i++) {
        assertThat(g[i].sub(r[i]).abs().max().item()).isLessThan(1e-6);
      }
      Tensor second = Autograd.grad(g[0].pow(2).sum(), new Tensor[] {x}, true)[0];
      Tensor expected = Autograd.grad(r[0].pow(2).sum(), new Tensor[] {x}, false)[0];
      assertThat(second.sub(expected).abs().max().item())
          .isLessThan(1e-5 * expected.abs().max().item());
    }
  }

  @Test
  void custom_function_works_when_the_scope_of_its_layer_closes_before_the_backward_pass() {
    try (Scope s = Scope.open()) {
      Tensor x = Rng.normal(KEY, 0, 1, 4).requireGrad(true);
      Tensor w = Tensor.full(3, DType.F32);
      Tensor y = Scope.call(() -> Autograd.apply(SQUARE_TIMES, x.mul(2), w));
      y.sum().backward();
      float[] expected = x.mul(24).toFloats();
      assertThat(x.grad().toFloats()).containsExactly(expected, within(1e-5f));
    }
  }

  @Test
  void checkpointed_body_gives_bit_equal_gradients() {
    try (Scope s = Scope.open()) {
      Tensor w = Rng.normal(KEY, 0, 0.3, 8, 8).requireGrad(true);
      Tensor x = Rng.normal(KEY.with(2), 0, 1, 5, 8).requireGrad(true);
      Rng.Key[] keys = {KEY.with("dropout")};
      java.util.function.UnaryOperator<Tensor> body =
          h -> Functional.gelu(h.matmul(w)).mul(Rng.dropout(keys, new int[] {5}, 8, 0.1)).matmul(w);

      body.apply(x).pow(2).sum().backward();
      Tensor dw = w.grad().copy();
      Tensor dx = x.grad().copy();
      w.clearGrad();
      x.clearGrad();
      Autograd.checkpoint(body, x, w).pow(2).sum().backward();

      assertThat(w.grad().sameAs(dw)).isTrue();
      assertThat(x.grad().sameAs(dx)).isTrue();
    }
  }

  @Test
  void checkpointed_body_gives_gradients_of_what_it_captures_though_its_input_has_none() {
    try (Scope s = Scope.open()) {
      Tensor w = Rng.normal(KEY, 0, 0.3, 8, 8).requireGrad(true);
      Tensor frozen = Rng.normal(KEY.with(1), 0, 0.3, 8, 8);
      Tensor v = Rng.normal(KEY.with(2), 0, 0.3, 8, 8).requireGrad(true);
      Tensor x = Rng.normal(KEY.with(3), 0, 1, 5, 8);
      java.util.function.UnaryOperator<Tensor> body =
          h -> Functional.gelu(h.matmul(w)).matmul(frozen).matmul(v);

      Tensor[] expected = Autograd.grad(body.apply(x).pow(2).sum(), new Tensor[] {w, v}, false);
      Tensor y = Autograd.checkpoint(body, x, w, frozen, v);
      Tensor[] found = Autograd.grad(y.pow(2).sum(), new Tensor[] {w, v}, false);

      assertThat(found[0].sameAs(expected[0])).isTrue();
      assertThat(found[1].sameAs(expected[1])).isTrue();
      assertThat(w.grad()).isNull();
      assertThat(x.grad()).isNull();
    }
  }

  @Test
  void checkpoints_nest_and_stand_in_a_row() {
    try (Scope s = Scope.open()) {
      Tensor w = Rng.normal(KEY, 0, 0.3, 8, 8).requireGrad(true);
      Tensor x = Rng.normal(KEY.with(2), 0, 1, 5, 8).requireGrad(true);
      java.util.function.UnaryOperator<Tensor> once = h -> Functional.gelu(h.matmul(w));
      once.apply(once.apply(once.apply(x))).pow(2).sum().backward();
      Tensor dw = w.grad().copy();
      Tensor dx = x.grad().copy();
      w.clearGrad();
      x.clearGrad();

      Tensor twice = Autograd.checkpoint(h -> Autograd.checkpoint(once, once.apply(h), w), x, w);
      Autograd.checkpoint(once, twice, w).pow(2).sum().backward();

      // The sum over the three uses of w is taken in another order.
      assertThat(w.grad().sub(dw).abs().max().item()).isLessThan(1e-5);
      assertThat(x.grad().sameAs(dx)).isTrue();
    }
  }

  @Test
  void checkpoint_of_what_needs_no_gradient_records_nothing() {
    try (Scope s = Scope.open()) {
      Tensor w = Tensor.ones(DType.F32, 2);
      assertThat(Autograd.checkpoint(h -> h.mul(w), w, w).requiresGrad()).isFalse();
    }
  }

  @Test
  void second_derivative_through_a_checkpoint_is_refused() {
    try (Scope s = Scope.open()) {
      Tensor x = Tensor.ones(DType.F32, 2).requireGrad(true);
      Tensor y = Autograd.checkpoint(h -> h.pow(3), x).sum();
      assertThatThrownBy(() -> Autograd.grad(y, new Tensor[] {x}, true))
          .hasMessageContaining("no second derivative");
    }
  }

  @Test
  @Proves("autograd-engine")
  void gradients_agree_with_finite_differences() {
    try (Scope s = Scope.open()) {
      Tensor x = Rng.normal(KEY, 0, 1, 3, 4).to(DType.F64);
      Tensor w = Rng.normal(KEY.with(1), 0, 1, 5, 4).to(DType.F64);
      Tensor b = Rng.normal(KEY.with(2), 0, 1, 5).to(DType.F64);
      Tensor g = Rng.normal(KEY.with(3), 1, 0.1, 5).to(DType.F64);
      java.util.function.UnaryOperator<Tensor> f =
          in ->
              Functional.crossEntropySum(
                  Functional.layerNorm(Functional.gelu(Functional.linear(in, w, b)), g, b, 1e-5),
                  Tensor.of(new long[] {0, 3, 4}, 3),
                  null,
                  0.1);
      Tensor leaf = x.copy().requireGrad(true);
      f.apply(leaf).backward();
      double[] expected = Autograd.finiteDifferences(t -> f.apply(t).item(), x, 1e-5);
      assertThat(leaf.grad().toDoubles()).containsExactly(expected, within(1e-7));
    }
  }

  @Test
  void nothing_is_recorded_under_no_grad() {
    try (Scope s = Scope.open()) {
      Tensor x = Tensor.ones(DType.F32, 2).requireGrad(true);
      try (Autograd.Guard off = Autograd.noGrad()) {
        assertThat(x.mul(2).requiresGrad()).isFalse();
        try (Autograd.Guard on = Autograd.recording()) {
          assertThat(x.mul(2).requiresGrad()).isTrue();
        }
      }
      assertThat(x.mul(2).requiresGrad()).isTrue();
    }
  }

  /** x² that remembers what it was given for its backward. */
  private static final class Remembering implements Autograd.Function {
    private Tensor[] saved = {};

    @Override
    public Tensor forward(Tensor... in) {
      return in[0].mul(in[0]);
    }

    @Override
    public @Nullable Tensor[] backward(Tensor g, Tensor... in) {
      saved = in;
      return new Tensor[] {g.mul(in[0]).mul(2)};
    }
  }

  @Test
  void inputs_of_a_custom_function_are_freed_by_the_last_backward_pass_and_kept_before() {
    try (Scope s = Scope.open()) {
      Tensor x = Rng.normal(KEY, 0, 1, 4).requireGrad(true);
      Remembering square = new Remembering();
      Tensor y = Autograd.apply(square, x.mul(3)).sum();
      Tensor g = Autograd.grad(y, new Tensor[] {x}, true)[0];
      assertThat(square.saved[0].isClosed()).isFalse();
      Autograd.grad(g.sum(), new Tensor[] {x}, false);
      y.backward();
      assertThat(square.saved[0].isClosed()).isTrue();
      assertThat(x.grad().sub(x.mul(18)).abs().max().item()).isLessThan(1e-5);
    }
  }

  @Test
  void custom_function_is_not_recorded_under_no_grad() {
    try (Scope s = Scope.open();
        Autograd.Guard off = Autograd.noGrad()) {
      Tensor x = Tensor.ones(DType.F32, 2).requireGrad(true);
      assertThat(Autograd.apply(new Remembering(), x).requiresGrad()).isFalse();
      assertThat(Autograd.checkpoint(h -> h.mul(2), x).toFloats()).containsExactly(2, 2);
    }
  }

  @Test
  void input_without_a_gradient_of_its_own_gets_zeros() {
    try (Scope s = Scope.open()) {
      Tensor x = Tensor.ones(DType.F32, 2).requireGrad(true);
      Tensor w = Tensor.ones(DType.F32, 2).requireGrad(true);
      Autograd.Function first =
          new Autograd.Function() {
            @Override
            public Tensor forward(Tensor... in) {
              return in[0].add(in[1]);
            }

            @Override
            public @Nullable Tensor[] backward(Tensor g, Tensor... in) {
              return new Tensor[] {g, null};
            }
          };
      Autograd.apply(first, x, w).sum().backward();
      assertThat(x.grad().toFloats()).containsExactly(1, 1);
      assertThat(w.grad().toFloats()).containsExactly(0, 0);
    }
  }

  @Test
  void gradient_of_the_wrong_shape_or_number_is_named() {
    for (int wrong : new int[] {0, 1}) {
      try (Scope s = Scope.open()) {
        Tensor x = Tensor.ones(DType.F32, 2).requireGrad(true);
        Autograd.Function f =
            new Autograd.Function() {
              @Override
              public Tensor forward(Tensor... in) {
                return in[0].mul(2);
              }

              @Override
              public @Nullable Tensor[] backward(Tensor g, Tensor... in) {
                return wrong == 0 ? new Tensor[0] : new Tensor[] {g.sum()};
              }
            };
        Tensor y = Autograd.apply(f, x).sum();
        assertThatThrownBy(y::backward)
            .isInstanceOf(TensorException.class)
            .hasMessageContaining(wrong == 0 ? "0 gradients for 1 inputs" : "shape []")
            .hasMessageNotContaining("\n");
      }
    }
  }

  @Test
  void what_a_scalar_was_computed_from_can_be_told() {
    try (Scope s = Scope.open()) {
      Tensor a = Tensor.ones(DType.F32, 2).requireGrad(true);
      Tensor b = Tensor.ones(DType.F32, 2).requireGrad(true);
      Tensor c = Tensor.ones(DType.F32, 2).requireGrad(true);
      assertThat(Autograd.reached(a.mul(c).mul(0).sum(), a, b, c))
          .containsExactly(true, false, true);
      assertThat(Autograd.reached(a.detach().sum(), a, b)).containsExactly(false, false);
      assertThat(a.grad()).isNull();
    }
  }

  @Test
  void parts_of_a_tensor_pass_their_gradients_on_as_narrow_views_do() {
    try (Scope scope = Scope.open()) {
      Tensor x = Rng.normal(Rng.Key.of(3), 0, 1, 7, 4).requireGrad(true);
      Tensor[] parts = x.split(0, 2, 4, 1);
      Tensor[] views = {x.narrow(0, 0, 2), x.narrow(0, 2, 4), x.narrow(0, 6, 1)};
      for (int i = 0; i < parts.length; i++) {
        assertThat(parts[i].toBytes()).isEqualTo(views[i].toBytes());
      }
      Tensor[] one = Autograd.grad(loss(parts), new Tensor[] {x}, false);
      Tensor[] other = Autograd.grad(loss(views), new Tensor[] {x}, false);
      assertThat(one[0].toBytes()).isEqualTo(other[0].toBytes());
      assertThatThrownBy(() -> x.split(0, 2, 4))
          .isInstanceOf(TensorException.class)
          .hasMessageContaining("split");
    }
  }

  private static Tensor loss(Tensor... parts) {
    Tensor sum = parts[0].pow(2).sum();
    for (int i = 1; i < parts.length; i++) {
      sum = sum.add(parts[i].pow(2 + i).sum());
    }
    return sum;
  }
}
