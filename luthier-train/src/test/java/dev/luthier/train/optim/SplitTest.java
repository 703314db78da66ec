package dev.luthier.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.testing.Proves;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.TrainingException;
import java.util.List;
import org.junit.jupiter.api.Test;

class SplitTest {
  @Test
  @Proves("p-good-optimizer")
  void each_optimizer_gets_its_part() {
    try (Scope scope = Scope.open()) {
      Lion lion = new Lion();
      Sgd sgd = new Sgd();
      Split split = new Split(List.of("bias", "regex:squ.*"), lion, sgd);
      Trial both = Trial.of(DType.F32).steps(split, 5);
      Trial one = Trial.of(DType.F32).steps(lion, 5);
      Trial other = Trial.of(DType.F32).steps(sgd, 5);
      assertThat(both.value("bias")).isEqualTo(one.value("bias"));
      assertThat(both.value("square")).isEqualTo(one.value("square"));
      assertThat(both.value("weight")).isEqualTo(other.value("weight"));
      assertThat(both.state.tensors().keySet())
          .containsExactly("bias:0.mean", "square:0.mean", "weight:1.momentum");
    }
  }

  @Test
  void what_one_lets_go_of_the_other_keeps() {
    try (Scope scope = Scope.open()) {
      BAdam badam = new BAdam(1e-2, 1, BAdam.Order.ASCENDING, List.of(), false, 0.9, 0.99, 1e-6, 0);
      Sgd sgd = new Sgd();
      Split split = new Split(List.of("bias"), sgd, badam);
      Trial both = Trial.of(DType.F32).steps(split, 5);
      Trial alone = Trial.of(DType.F32).steps(sgd, 5);
      assertThat(both.value("bias")).isEqualTo(alone.value("bias"));
    }
  }

  @Test
  void a_part_that_looks_at_the_other_or_updates_nothing_is_refused() {
    List<String> on = List.of("bias");
    GradientTransform clipped = new Chain(List.of(new ClipNorm(), new Lion()));
    assertThatThrownBy(() -> new Split(on, new Lion(), clipped))
        .hasMessageStartingWith("others must do with the gradients of its own part")
        .hasMessageEndingWith("can stand before split in a chain");
    assertThatThrownBy(() -> new Split(on, new Ema(), new Lion()))
        .hasMessageStartingWith("those must update the parameters, which ema does not");
  }

  @Test
  void a_name_that_picks_nothing_is_refused() {
    try (Scope scope = Scope.open()) {
      Split split = new Split(List.of("biss"), new Lion(), new Sgd());
      assertThatThrownBy(() -> Trial.of(DType.F32).step(split))
          .isInstanceOf(TrainingException.class)
          .hasMessage(
              "optimizer.split.on: 'biss' picks none of the parameters that are trained, such as"
                  + " 'bias'");
      assertThatThrownBy(() -> new Split(List.of(), new Lion(), new Sgd()))
          .hasMessageStartingWith("on ");
      assertThatThrownBy(() -> new Split(List.of("regex:("), new Lion(), new Sgd()))
          .hasMessageContaining("not a regular expression");
    }
  }
}
