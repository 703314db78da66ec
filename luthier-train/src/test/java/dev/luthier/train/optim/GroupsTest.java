package dev.luthier.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.model.nn.Init;
import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.tensor.io.TensorFile;
import dev.luthier.testing.Proves;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.Replay;
import dev.luthier.train.StepContext;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every optimizer takes the rate and the decay of a group from the group. */
class GroupsTest {
  @ParameterizedTest
  @ValueSource(strings = {"adamw", "sgd", "nadam"})
  @Proves("param-groups")
  void twenty_steps_equal_those_of_the_groups_of_the_reference(String name) {
    GradientTransform optimizer =
        switch (name) {
          case "adamw" -> new AdamW(0.01, 0.9, 0.999, 1e-8, 0.1);
          case "sgd" -> new Sgd(0.01, 0.9, false, 0.1);
          default -> new NAdam(0.01, 0.9, 0.999, 1e-8, 4e-3, 0.1);
        };
    try (Scope scope = Scope.open();
        TensorFile golden = Trial.open("groups")) {
      Map<String, Parameter> p = started();
      List<ParameterGroup> groups =
          List.of(
              new ParameterGroup("weight", Map.of("weight", p.get("weight")), 3, 0.2, 1),
              new ParameterGroup("square", Map.of("square", p.get("square")), 1, null, 1),
              new ParameterGroup("bias", Map.of("bias", p.get("bias")), 0.5, null, 0));
      trained(optimizer, p, groups, 1);
      p.forEach(
          (n, value) ->
              assertThat(value.value().toDoubles())
                  .as(n)
                  .containsExactly(
                      golden.tensor(name + "." + n + ".20").toDoubles(), within(1e-10)));
    }
  }

  static Stream<GradientTransform> updating() {
    return ServiceLoader.load(GradientTransform.class).stream()
        .map(ServiceLoader.Provider::get)
        .map(GroupsTest::onThisTrial)
        .filter(o -> !OptimizerKeys.rates(o).isEmpty() && !(o instanceof Chain));
  }

  /** Those that pick parts of a model pick some that are here. */
  private static GradientTransform onThisTrial(GradientTransform optimizer) {
    List<String> weight = List.of("weight");
    if (optimizer instanceof Split) {
      return new Split(List.of("bias"), new Adam(), new Sgd());
    }
    if (optimizer instanceof GaLore) {
      return new GaLore(3e-4, 2, 7, 2, weight, 0.9, 0.999, 1e-8, 0);
    }
    return optimizer instanceof Apollo
        ? new Apollo(3e-4, 2, 7, 4, false, weight, 1.01, 0.9, 0.999, 1e-8, 0)
        : optimizer;
  }

  @ParameterizedTest
  @MethodSource("updating")
  void a_factor_of_a_group_is_a_factor_of_its_rate(GradientTransform optimizer) {
    try (Scope scope = Scope.open()) {
      Map<String, Parameter> grouped = started();
      trained(optimizer, grouped, List.of(group(grouped, 0.25, null)), 1);
      Map<String, Parameter> scheduled = started();
      trained(optimizer, scheduled, List.of(group(scheduled, 1, null)), 0.25);
      assertSame(grouped, scheduled);
      Map<String, Parameter> plain = started();
      trained(optimizer, plain, List.of(group(plain, 1, null)), 1);
      assertThat(areSame(plain, grouped)).isFalse();
    }
  }

  @ParameterizedTest
  @MethodSource("updating")
  void a_decay_of_a_group_stands_in_the_place_of_the_optimizers(GradientTransform optimizer)
      throws ReflectiveOperationException {
    GradientTransform without = decaying(optimizer, 0);
    if (without == optimizer) {
      return; // Nothing in it decays weights; a group that asks for it is refused.
    }
    try (Scope scope = Scope.open()) {
      Map<String, Parameter> grouped = started();
      trained(without, grouped, List.of(group(grouped, 1, 3.0)), 1);
      Map<String, Parameter> own = started();
      trained(decaying(optimizer, 3), own, List.of(group(own, 1, null)), 1);
      assertSame(grouped, own);
      Map<String, Parameter> plain = started();
      trained(without, plain, List.of(group(plain, 1, null)), 1);
      assertThat(areSame(plain, grouped)).as(optimizer + " reads the decay of the group").isFalse();
    }
  }

  private static void assertSame(Map<String, Parameter> a, Map<String, Parameter> b) {
    a.forEach((name, p) -> assertThat(p.value().sameAs(b.get(name).value())).as(name).isTrue());
  }

  private static boolean areSame(Map<String, Parameter> a, Map<String, Parameter> b) {
    return a.keySet().stream().allMatch(n -> a.get(n).value().sameAs(b.get(n).value()));
  }

  private static ParameterGroup group(Map<String, Parameter> all, double rate, Double decay) {
    return new ParameterGroup("all", all, rate, decay, 1);
  }

  /** The same optimizer with another decay, or the same one if it has none. */
  private static GradientTransform decaying(GradientTransform optimizer, double decay)
      throws ReflectiveOperationException {
    RecordComponent[] all = optimizer.getClass().getRecordComponents();
    if (Arrays.stream(all).noneMatch(c -> c.getName().equals("weightDecay"))) {
      return optimizer;
    }
    Class<?>[] types = Arrays.stream(all).map(RecordComponent::getType).toArray(Class<?>[]::new);
    Object[] values = new Object[all.length];
    for (int i = 0; i < all.length; i++) {
      values[i] =
          all[i].getName().equals("weightDecay")
              ? (Object) decay
              : all[i].getAccessor().invoke(optimizer);
    }
    return (GradientTransform)
        optimizer.getClass().getDeclaredConstructor(types).newInstance(values);
  }

  private static Map<String, Parameter> started() {
    Map<String, Parameter> out = new TreeMap<>();
    try (TensorFile file = Trial.open("given")) {
      for (String name : Trial.NAMES) {
        Tensor start = file.tensor("start." + name);
        Parameter p = new Parameter(Init.zeros(), start.shape());
        p.set(start, DType.F64);
        out.put(name, p);
      }
    }
    return out;
  }

  private static void trained(
      GradientTransform optimizer,
      Map<String, Parameter> parameters,
      List<ParameterGroup> groups,
      double factor) {
    OptimizerState state = new OptimizerState(parameters);
    for (int n = 0; n < Trial.STEPS; n++) {
      try (Scope scope = Scope.open()) {
        int at = n;
        parameters.forEach(
            (name, p) -> p.value().mul(Trial.gradient(name, at, DType.F64)).sum().backward());
        Gradients g = Gradients.collect(groups);
        StepContext step = new StepContext(n, 20, 0, factor, Rng.Key.of(7).with(n), state);
        optimizer.prepare(g, step, batch(parameters, groups));
        groups.forEach(group -> optimizer.apply(group, g, step));
        g.clear();
      }
    }
  }

  /** A loss that is a quarter of the square of all parameters. */
  private static Replay batch(Map<String, Parameter> parameters, List<ParameterGroup> groups) {
    return new Replay() {
      private Tensor sum() {
        Tensor sum = Tensor.zeros(DType.F64);
        for (Parameter p : parameters.values()) {
          sum = sum.add(p.value().pow(2).sum().mul(0.25));
        }
        return sum;
      }

      @Override
      public double loss() {
        return sum().item();
      }

      @Override
      public Gradients gradients() {
        parameters.values().forEach(p -> p.value().clearGrad());
        sum().backward();
        Gradients own = Gradients.collect(groups);
        own.clear();
        return own;
      }
    };
  }
}
