package dev.luthier.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.StepContext;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class BAdamTest extends OptimizerContract {
  private static final List<String> NONE = List.of();

  @Override
  protected GradientTransform subject() {
    return new BAdam(
        1e-4, 50, BAdam.Order.DESCENDING, NONE, false, 0.9, 0.999, 1e-8, 0.01); // weight first
  }

  @Override
  protected Map<String, GradientTransform> cases() {
    return Map.of(
        "in-turn", new BAdam(1e-2, 3, BAdam.Order.ASCENDING, NONE, false, 0.9, 0.99, 1e-6, 0.1));
  }

  @Override
  protected Map<String, String> state() {
    return Map.of(
        "weight:mean", "F32[5, 3]", "weight:square", "F32[5, 3]", "weight:count", "F32[]");
  }

  @Test
  void blocks_are_layers_and_what_lies_beside_them_if_it_is_asked_for() {
    List<String> paths =
        List.of(
            "bert.embeddings.word_embeddings.weight",
            "bert.embeddings.LayerNorm.bias",
            "bert.encoder.layer.2.attention.self.query.weight",
            "bert.encoder.layer.11.output.dense.bias",
            "cls.predictions.bias");
    assertThat(Blocks.of(paths, false).names())
        .containsExactly("bert.encoder.layer.2", "bert.encoder.layer.11");
    assertThat(Blocks.of(paths, true).names())
        .containsExactly("others", "embeddings", "bert.encoder.layer.2", "bert.encoder.layer.11");
    assertThat(Blocks.of(paths, true).ofParameter())
        .containsEntry("bert.embeddings.LayerNorm.bias", "embeddings")
        .containsEntry("cls.predictions.bias", "others");
  }

  @Test
  void without_layers_what_lies_beside_one_another_is_a_block() {
    assertThat(
            Blocks.of(List.of("encoder.norm.bias", "encoder.norm.weight", "bias"), false).names())
        .containsExactly("bias", "encoder.norm");
  }

  @Test
  void a_head_is_trained_at_every_step_and_embeddings_stay() {
    try (Scope scope = Scope.open()) {
      BAdam badam = new BAdam();
      Map<String, Tensor> values = new TreeMap<>();
      List<String> layers = List.of("encoder.layer.0.w", "encoder.layer.1.w", "encoder.layer.2.w");
      layers.forEach(name -> values.put(name, Tensor.ones(DType.F32, 2)));
      values.put("classifier.weight", Tensor.ones(DType.F32, 2));
      values.put("embeddings.word_embeddings.weight", Tensor.ones(DType.F32, 2));
      Trial trial = Trial.on(values);
      Map<String, Integer> wanted = new TreeMap<>();
      for (int n = 0; n < 3 * badam.steps(); n++) {
        StepContext step = new StepContext(n, 300, 0, 1, Rng.Key.of(n), trial.state);
        Predicate<Parameter> of = badam.wanted(step);
        trial.parameters.forEach((name, p) -> wanted.merge(name, of.test(p) ? 1 : 0, Integer::sum));
      }
      layers.forEach(name -> assertThat(wanted).containsEntry(name, 50));
      assertThat(wanted)
          .containsEntry("classifier.weight", 150)
          .containsEntry("embeddings.word_embeddings.weight", 0);
    }
  }

  @Test
  void a_head_alone_is_trained_as_by_adamw_but_for_moments_that_begin_anew() {
    try (Scope scope = Scope.open()) {
      Map<String, Tensor> head = Map.of("classifier.bias", Tensor.ones(DType.F32, 3));
      BAdam badam =
          new BAdam(1e-2, 2, BAdam.Order.RANDOM, List.of("classifier"), false, 0.9, 0.99, 1e-6, 0);
      Trial trial = Trial.on(head);
      for (int n = 0; n < 5; n++) {
        trial.step(badam, 1, head);
      }
      assertThat(trial.kept("classifier.bias:count").item()).isEqualTo(1);
      assertThat(trial.value("classifier.bias")[0]).isCloseTo(1 - 5e-2, within(1e-6));
    }
  }

  @Test
  void every_round_has_a_turn_for_each_block_and_only_it_moves() {
    try (Scope scope = Scope.open()) {
      Trial trial = Trial.of(DType.F32);
      BAdam badam = new BAdam(1e-2, 2, BAdam.Order.RANDOM, NONE, false, 0.9, 0.99, 1e-6, 0);
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

  @Test
  void the_order_follows_from_the_seed_and_stays_when_it_is_restored() {
    BAdam badam = new BAdam(1e-2, 1, BAdam.Order.RANDOM, NONE, false, 0.9, 0.99, 1e-6, 0);
    Set<List<String>> orders = new HashSet<>();
    for (long seed = 0; seed < 12; seed++) {
      List<String> order = order(badam, seed, 9);
      assertThat(order(badam, seed, 9)).isEqualTo(order);
      orders.add(order);
    }
    assertThat(orders).hasSizeGreaterThan(6);
  }

  /** Whose gradient is wanted at each step; the state goes through a checkpoint before each. */
  private static List<String> order(BAdam badam, long seed, int steps) {
    List<String> out = new ArrayList<>();
    try (Scope scope = Scope.open()) {
      Trial trial = Trial.of(DType.F32);
      for (int n = 0; n < steps; n++) {
        Map<String, Tensor> saved = new TreeMap<>();
        trial.state.tensors().forEach((name, t) -> saved.put(name, t.copy()));
        trial.state.restore(saved);
        Rng.Key key = Rng.Key.of(seed).with("step").with(n);
        StepContext step = new StepContext(n, steps, 0, 1, key, trial.state);
        Predicate<Parameter> wanted = badam.wanted(step);
        trial.parameters.forEach((name, p) -> collect(out, name, wanted.test(p)));
      }
    }
    assertThat(out).hasSize(steps);
    return out;
  }

  @Test
  void moments_of_the_block_before_are_dropped_though_it_has_no_gradient() {
    try (Scope scope = Scope.open()) {
      BAdam badam = new BAdam(1e-2, 1, BAdam.Order.ASCENDING, NONE, false, 0.9, 0.99, 1e-6, 0);
      Trial trial = Trial.of(DType.F32);
      trial.step(badam, 1, Map.of("bias", Tensor.ones(DType.F32, 5)));
      assertThat(trial.state.tensors().keySet()).allMatch(n -> n.startsWith("bias:")).hasSize(3);
      trial.step(badam, 1, Map.of("square", Tensor.ones(DType.F32, 4, 4)));
      assertThat(trial.state.tensors().keySet()).allMatch(n -> n.startsWith("square:")).hasSize(3);
    }
  }

  @Test
  void what_an_objective_keeps_of_a_parameter_stays() {
    try (Scope scope = Scope.open()) {
      BAdam badam = new BAdam(1e-2, 1, BAdam.Order.ASCENDING, NONE, false, 0.9, 0.99, 1e-6, 0);
      Trial trial = Trial.of(DType.F32);
      Parameter bias = trial.parameters.get("bias");
      Tensor average = trial.state.of(bias, "average", () -> Tensor.ones(DType.F32, 5));
      trial.steps(badam, 4);
      assertThat(trial.kept("bias:average")).isSameAs(average);
      assertThat(average.isClosed()).isFalse();
    }
  }

  private static void collect(Collection<String> into, String name, boolean wanted) {
    if (wanted) {
      into.add(name);
    }
  }
}
