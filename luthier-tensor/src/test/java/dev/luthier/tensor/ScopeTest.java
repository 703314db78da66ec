package dev.luthier.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ScopeTest {
  @Test
  void tensors_die_with_their_scope_and_say_so_when_used() {
    Tensor t;
    try (Scope s = Scope.open()) {
      t = Tensor.ones(DType.F32, 2);
    }
    assertThat(t.isClosed()).isTrue();
    assertThatThrownBy(() -> t.add(1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("keep()");
  }

  @Test
  void kept_tensors_outlive_their_scope_until_they_are_closed() {
    Tensor t;
    try (Scope s = Scope.open()) {
      t = Tensor.ones(DType.F32, 2).keep();
    }
    assertThat(t.sum().item()).isEqualTo(2);
    t.close();
    t.close();
    assertThat(t.isClosed()).isTrue();
  }

  @Test
  void result_of_a_call_belongs_to_the_enclosing_scope() {
    Tensor result;
    Tensor[] inside = new Tensor[1];
    try (Scope outer = Scope.open()) {
      result =
          Scope.call(
              () -> {
                inside[0] = Tensor.ones(DType.F32, 3);
                return inside[0].mul(2);
              });
      assertThat(inside[0].isClosed()).isTrue();
      assertThat(result.sum().item()).isEqualTo(6);
      Tensor same = Scope.call(() -> result2(result));
      assertThat(same.sum().item()).isEqualTo(6);
    }
    assertThat(result.isClosed()).isTrue();
  }

  private static Tensor result2(Tensor t) {
    return t;
  }

  @Test
  void scope_closed_out_of_order_is_refused() {
    Scope outer = Scope.open();
    Scope inner = Scope.open();
    assertThatThrownBy(outer::close).isInstanceOf(IllegalStateException.class);
    inner.close();
    outer.close();
  }

  @Test
  void failing_operation_names_itself_and_the_shapes_in_one_line() {
    try (Scope s = Scope.open()) {
      Tensor a = Tensor.ones(DType.F32, 2, 3);
      Tensor b = Tensor.ones(DType.F32, 4, 5);
      assertThatThrownBy(() -> a.matmul(b))
          .isInstanceOf(TensorException.class)
          .hasMessageStartingWith("matmul: ")
          .hasMessageContaining("F32[2, 3], F32[4, 5]")
          .hasMessageNotContaining("\n");
    }
  }
}
