package dev.luthier.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.model.nn.Init;
import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class OptimizerStateTest {
  @Test
  void what_is_dropped_goes_and_everything_else_stays_open() {
    Map<String, Parameter> parameters = new TreeMap<>();
    for (int i = 0; i < 20; i++) {
      parameters.put("layer." + i, new Parameter(Init.zeros(), 2));
    }
    OptimizerState state = new OptimizerState(parameters);
    assertThat(state.parameters()).isEqualTo(parameters);
    parameters
        .values()
        .forEach(
            p -> {
              for (String what : List.of("count", "mean", "square")) {
                state.of(p, what, () -> Tensor.zeros(DType.F32, 2));
              }
            });
    for (int i = 19; i > 0; i--) {
      Tensor mean = state.tensors().get("layer." + i + ":mean");
      Parameter p = parameters.get("layer." + i);
      List.of("count", "mean", "square", "nothing").forEach(what -> state.drop(p, what));
      assertThat(mean.isClosed()).isTrue();
      assertThat(state.tensors()).hasSize(3 * i);
      assertThat(state.tensors().values()).noneMatch(Tensor::isClosed);
    }
    assertThat(state.bytes()).isEqualTo(3 * 8);
    assertThatThrownBy(() -> state.name(new Parameter(Init.zeros(), 1)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
