package dev.luthier.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import java.util.function.BinaryOperator;
import org.junit.jupiter.api.Test;

/** The gradient of a table by rows says what the whole one says. */
class RowGradientTest {
  private static final long[][] IDS = {{4, 1, 4, 6, 4}, {3, 0, 3, 5, 3}};

  /** The gradient after two backward passes, in which a row may be looked up several times. */
  private static Tensor gradient(BinaryOperator<Tensor> lookup) {
    Tensor table = Rng.normal(Rng.Key.of(1), 0, 1, 8, 3).requireGrad(true);
    for (long[] ids : IDS) {
      Tensor rows = lookup.apply(table, Tensor.of(ids, ids.length));
      rows.mul(Rng.normal(Rng.Key.of(2).with(ids[0]), 0, 1, ids.length, 3)).sum().backward();
    }
    return Objects.requireNonNull(table.grad());
  }

  @Test
  void rows_that_were_looked_up_have_the_whole_gradient_and_are_alone() {
    try (Scope s = Scope.open()) {
      Tensor whole = gradient(Functional::embedding);
      assertThat(RowGradient.of(whole)).isNull();
      RowGradient some =
          Objects.requireNonNull(RowGradient.of(gradient(Functional::embeddingByRows)));
      assertThat(some.rows().toLongs()).containsExactly(0, 1, 3, 4, 5, 6);
      assertThat(some.values().shape()).containsExactly(6, 3);
      assertThat(some.whole(8).sub(whole).abs().max().item()).isLessThan(1e-6);
    }
  }

  @Test
  void a_table_that_something_else_reads_too_has_a_whole_gradient() {
    try (Scope s = Scope.open()) {
      BinaryOperator<Tensor> tied =
          (table, ids) ->
              Functional.embeddingByRows(table, ids).matmul(table.transpose(0, 1)).matmul(table);
      BinaryOperator<Tensor> plain =
          (table, ids) ->
              Functional.embedding(table, ids).matmul(table.transpose(0, 1)).matmul(table);
      Tensor found = gradient(tied);
      assertThat(RowGradient.of(found)).isNull();
      assertThat(found.sub(gradient(plain)).abs().max().item()).isLessThan(1e-4);
    }
  }
}
