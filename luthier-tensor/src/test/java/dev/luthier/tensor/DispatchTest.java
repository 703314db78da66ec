package dev.luthier.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class DispatchTest {
  @Test
  void calls_an_operation_by_its_name_and_records_it_for_the_gradient() {
    try (Scope s = Scope.open()) {
      Tensor x = Tensor.of(new float[] {1, 2, 3}, 3).requireGrad(true);
      Tensor y = Dispatch.call("aten::mul.Tensor", x, x);
      y.sum().backward();
      assertThat(y.toFloats()).containsExactly(1, 4, 9);
      assertThat(x.grad().toFloats()).containsExactly(2, 4, 6);
    }
  }

  @Test
  void takes_lists_numbers_types_and_nothing() {
    try (Scope s = Scope.open()) {
      Tensor x = Tensor.of(new float[] {3, 4, 0, 0}, 2, 2);
      assertThat(Dispatch.call("aten::view", x, new long[] {4}).shape()).containsExactly(4);
      assertThat(Dispatch.call("aten::cat", List.of(x, x), 1).shape()).containsExactly(2, 4);
      assertThat(Dispatch.call("aten::sum", x, DType.F64).dtype()).isEqualTo(DType.F64);
      assertThat(Dispatch.call("aten::rms_norm", x, new long[] {2}, null, 1e-6).shape())
          .containsExactly(2, 2);
      assertThat(
              Dispatch.call("aten::upsample_nearest1d.vec", x.view(1, 2, 2), null, new double[] {2})
                  .shape())
          .containsExactly(1, 2, 4);
    }
  }

  @Test
  void results_belong_to_the_caller_s_scope() {
    List<Tensor> pair;
    try (Scope s = Scope.open()) {
      Tensor x = Tensor.of(new float[] {1, 5, 2}, 3);
      pair = Dispatch.callAll("aten::topk", x, 1, -1, true, true);
      assertThat(pair.get(0).item()).isEqualTo(5);
      assertThat(pair.get(1).item()).isEqualTo(1);
    }
    assertThat(pair).allMatch(Tensor::isClosed);
  }

  @Test
  void unknown_names_wrong_counts_and_failures_are_told_in_one_line() {
    try (Scope s = Scope.open()) {
      Tensor x = Tensor.ones(DType.F32, 2);
      assertThatThrownBy(() -> Dispatch.call("aten::no_such_thing", x))
          .isInstanceOf(TensorException.class)
          .hasMessageContaining("aten::no_such_thing")
          .hasMessageNotContaining("\n");
      assertThatThrownBy(() -> Dispatch.call("aten::mul.Tensor", x))
          .isInstanceOf(TensorException.class)
          .hasMessage("aten::mul.Tensor takes 2 arguments, not 1");
      assertThatThrownBy(() -> Dispatch.call("aten::mm", x, x))
          .isInstanceOf(TensorException.class)
          .hasMessageContaining("F32[2], F32[2]");
      assertThatThrownBy(() -> Dispatch.call("aten::mul.Tensor", x, new Object()))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
