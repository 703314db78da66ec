package dev.luthier.train.optim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class BAdamTest extends OptimizerContract {
  @Override
  protected GradientTransform subject() {
    return new BAdam(1e-4, 50, BAdam.Order.DESCENDING, 0.9, 0.999, 1e-8, 0.01); // weight first
  }

  @Override
  protected Map<String, GradientTransform> cases() {
    return Map.of("in-turn", new BAdam(1e-2, 3, BAdam.Order.ASCENDING, 0.9, 0.99, 1e-6, 0.1));
  }

  @Override
  protected Map<String, String> state() {
    return Map.of(
        "weight:mean", "F32[5, 3]", "weight:square", "F32[5, 3]", "weight:count", "F32[]");
  }

  @Test
  void blocks_are_layers_and_parts_beside_them() {
    assertThat(BAdam.block("encoder.layer.11.attention.self.query.weight"))
        .isEqualTo("encoder.layer.11");
    assertThat(BAdam.block("0.weight")).isEqualTo("0");
    assertThat(BAdam.block("embeddings.LayerNorm.bias")).isEqualTo("embeddings.LayerNorm");
    assertThat(BAdam.block("bias")).isEqualTo("bias");
  }

  @Test
  void every_round_has_a_turn_for_each_block_and_only_it_moves() {
    try (Scope scope = Scope.open()) {
      Trial trial = Trial.of(DType.F32);
      BAdam badam = new BAdam(1e-2, 2, BAdam.Order.RANDOM, 0.9, 0.99, 1e-6, 0);
      for (int round = 0; round < 3; round++) {
        Set<String> turns = new TreeSet<>();
        for (int block = 0; block < 3; block++) {
          Map<String, Tensor> before = trial.copies();
          trial.steps(badam, 2);
          Set<String> moved = new TreeSet<>();
          trial.copies().forEach((p, t) -> collect(moved, p, !t.sameAs(before.get(p))));
          assertThat(moved).hasSize(1);
          turns.addAll(moved);
        }
        assertThat(turns).hasSize(3);
      }
    }
  }

  private static void collect(Set<String> into, String name, boolean wanted) {
    if (wanted) {
      into.add(name);
    }
  }
}
