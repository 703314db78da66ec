package dev.luthier.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.model.nn.Embedding;
import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Gradients;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

/** AdamW on the rows that were ever looked up is AdamW on the whole table. */
class TouchedRowsTest {
  private static final int ROWS = 40;
  private static final int WIDTH = 5;
  private static final int STEPS = 20;

  /** A table after some steps, each of which looks up a few words. */
  private static final class Trained implements AutoCloseable {
    private final Embedding words = new Embedding(ROWS, WIDTH, 1);
    private final Parameter table = words.weight();
    private final OptimizerState state = new OptimizerState(Map.of("words", table));

    /**
     * @param byRows at which steps the gradient is by rows
     * @param restored after which step the state is written down and read back
     */
    Trained(IntPredicate byRows, int restored) {
      table.draw(Rng.Key.of(3));
      List<ParameterGroup> groups = ParameterGroup.byShape(Map.of("words", table));
      AdamW adamW = new AdamW(0.05, 0.9, 0.99, 1e-8, 0.1);
      for (int n = 0; n < STEPS; n++) {
        try (Scope s = Scope.open()) {
          Rng.Key key = Rng.Key.of(9).with(n);
          long[] ids = new long[4];
          for (int i = 0; i < ids.length; i++) {
            ids[i] = 3L * key.below(i, 1 + n / 2);
          }
          table.setRowGradient(byRows.test(n));
          Tensor x = words.forward(Tensor.of(ids, ids.length));
          x.mul(Rng.normal(key, 0, 1, ids.length, WIDTH)).sum().backward();
          StepContext step = new StepContext(n, STEPS, 0, 1, key, state);
          Gradients gradients = Gradients.collect(groups);
          adamW.prepare(gradients, step);
          groups.forEach(g -> adamW.apply(g, gradients, step));
          gradients.clear();
        }
        if (n == restored) {
          state.restore(Map.copyOf(copies()));
        }
      }
    }

    private Map<String, Tensor> copies() {
      Map<String, Tensor> out = new java.util.TreeMap<>();
      state.tensors().forEach((name, t) -> out.put(name, t.copy().keep()));
      return out;
    }

    @Override
    public void close() {
      state.restore(Map.of());
      table.value().close();
    }
  }

  @Test
  void values_equal_those_of_the_whole_table() {
    try (Trained whole = new Trained(n -> false, -1);
        Trained some = new Trained(n -> true, -1)) {
      assertThat(some.table.value().toDoubles())
          .containsExactly(whole.table.value().toDoubles(), within(2e-6));
    }
  }

  @Test
  void moments_are_kept_of_touched_rows_alone() {
    try (Trained some = new Trained(n -> true, -1)) {
      long touched = some.state.tensors().get("words:touched").toLongs()[0];
      assertThat(touched).isBetween(5L, 10L);
      assertThat(some.state.tensors().get("words:mean").size(0)).isBetween(touched, 15L);
      assertThat(some.state.tensors().get("words:square").size(1)).isEqualTo(WIDTH);
    }
  }

  @Test
  void a_row_that_was_never_looked_up_only_decays() {
    try (Trained some = new Trained(n -> true, -1);
        Scope s = Scope.open()) {
      Parameter start = new Embedding(ROWS, WIDTH, 1).weight();
      start.draw(Rng.Key.of(3));
      double[] row = start.value().select(0, ROWS - 1).toDoubles();
      double[] now = some.table.value().select(0, ROWS - 1).toDoubles();
      for (int i = 0; i < WIDTH; i++) {
        assertThat(now[i]).isCloseTo(row[i] * Math.pow(1 - 0.05 * 0.1, STEPS), within(1e-6));
      }
    }
  }

  @Test
  void a_gradient_that_is_whole_at_some_steps_touches_every_row() {
    try (Trained whole = new Trained(n -> false, -1);
        Trained mixed = new Trained(n -> n % 5 != 4, -1);
        Trained late = new Trained(n -> n > 4, -1)) {
      double[] expected = whole.table.value().toDoubles();
      assertThat(mixed.table.value().toDoubles()).containsExactly(expected, within(2e-6));
      assertThat(late.table.value().toDoubles()).containsExactly(expected, within(2e-6));
    }
  }

  @Test
  void a_restored_state_goes_on_to_the_same_bits() {
    try (Trained some = new Trained(n -> true, -1);
        Trained restored = new Trained(n -> true, 7)) {
      assertThat(restored.table.value().toBytes()).isEqualTo(some.table.value().toBytes());
    }
  }
}
