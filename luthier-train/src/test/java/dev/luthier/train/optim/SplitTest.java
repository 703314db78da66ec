package dev.luthier.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;
import dev.luthier.train.TrainingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  private static final List<String> LAYERS =
      List.of("a.0.w", "a.1.w", "a.2.w", "b.0.w", "b.1.w", "b.2.w");

  /** Which layers of {@code b} move in each of some steps, by parts of a split or alone. */
  private static List<Set<String>> moves(GradientTransform optimizer, int steps, int groups) {
    List<Set<String>> out = new ArrayList<>();
    try (Scope scope = Scope.open()) {
      Map<String, Tensor> values = new TreeMap<>();
      LAYERS.forEach(name -> values.put(name, Tensor.ones(DType.F32, 2)));
      Trial trial = Trial.on(values);
      for (int n = 0; n < steps; n++) {
        restored(trial);
        StepContext step = new StepContext(n, steps, 0, 1, Rng.Key.of(4).with(n), trial.state);
        Predicate<Parameter> wanted = optimizer.wanted(step);
        Map<String, Tensor> before = trial.copies();
        List<ParameterGroup> parts = parts(trial, groups);
        trial.parameters.values().stream().filter(wanted).forEach(p -> p.value().sum().backward());
        Gradients gradients = Gradients.collect(parts);
        optimizer.prepare(gradients, step);
        parts.forEach(group -> optimizer.apply(group, gradients, step));
        gradients.clear();
        Set<String> moved = new TreeSet<>();
        trial.copies().forEach((p, t) -> addIf(moved, p, !t.sameAs(before.get(p))));
        moved.removeIf(p -> p.startsWith("a."));
        out.add(moved);
      }
    }
    return out;
  }

  private static void addIf(Set<String> to, String name, boolean wanted) {
    if (wanted) {
      to.add(name);
    }
  }

  /** All in one group, or every other parameter in another. */
  private static List<ParameterGroup> parts(Trial trial, int groups) {
    List<Map<String, Parameter>> out = new ArrayList<>();
    for (int i = 0; i < groups; i++) {
      out.add(new TreeMap<>());
    }
    LAYERS.forEach(
        name -> out.get(LAYERS.indexOf(name) % groups).put(name, trial.parameters.get(name)));
    return out.stream().map(some -> new ParameterGroup("some", some, 1, true)).toList();
  }

  /** The state goes through a checkpoint. */
  private static void restored(Trial trial) {
    Map<String, Tensor> saved = new TreeMap<>();
    trial.state.tensors().forEach((name, t) -> saved.put(name, t.copy()));
    trial.state.restore(saved);
  }

  private static BAdam inTurns(BAdam.Order order) {
    return new BAdam(1e-2, 2, order, List.of(), false, 0.9, 0.99, 1e-6, 0);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  @Proves("opt-badam")
  void turns_in_a_part_are_those_of_its_own_parameters(int groups) {
    Sgd sgd = new Sgd();
    GradientTransform ascending = new Split(List.of("a"), sgd, inTurns(BAdam.Order.ASCENDING));
    List<Set<String>> expected = new ArrayList<>();
    for (String layer : List.of("b.0.w", "b.1.w", "b.2.w", "b.0.w")) {
      expected.addAll(List.of(Set.of(layer), Set.of(layer)));
    }
    assertThat(moves(ascending, 8, groups)).isEqualTo(expected);
    GradientTransform picked = new Split(List.of("b"), inTurns(BAdam.Order.ASCENDING), sgd);
    assertThat(moves(picked, 8, groups)).isEqualTo(expected);
    GradientTransform random = new Split(List.of("a"), sgd, inTurns(BAdam.Order.RANDOM));
    List<Set<String>> turns = moves(random, 12, groups);
    assertThat(new TreeSet<>(turns.stream().flatMap(Set::stream).toList())).hasSize(3);
    assertThat(turns.subList(0, 6)).allMatch(moved -> moved.size() == 1);
    assertThat(turns.subList(0, 6).stream().distinct()).hasSize(3);
  }

  @Test
  @Proves("opt-badam")
  void so_they_are_in_a_split_within_a_split_and_in_a_chain() {
    Sgd sgd = new Sgd();
    BAdam badam = inTurns(BAdam.Order.ASCENDING);
    GradientTransform inner =
        new Split(List.of("b.2"), sgd, new Chain(List.of(new WeightDecay(0.1, false), badam)));
    GradientTransform outer = new Split(List.of("a"), badam, inner);
    List<Set<String>> moved = moves(outer, 8, 2);
    for (int n = 0; n < 8; n++) {
      // Decay moves what has a gradient, which is what has its turn.
      assertThat(moved.get(n)).containsExactly(n / 2 % 2 == 0 ? "b.0.w" : "b.1.w", "b.2.w");
    }
  }

  @Test
  void a_name_in_an_inner_split_that_picks_of_the_other_part_alone_is_refused() {
    try (Scope scope = Scope.open()) {
      Split inner = new Split(List.of("bias"), new Lion(), new Sgd());
      Split outer = new Split(List.of("bias"), new Sgd(), inner);
      assertThatThrownBy(() -> Trial.of(DType.F32).step(outer))
          .isInstanceOf(TrainingException.class)
          .hasMessageContaining("'bias' picks none of the parameters that are trained, such as")
          .hasMessageEndingWith("'square'");
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
