package dev.luthier.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.technique.Technique;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.tensor.io.TensorFile;
import dev.luthier.tensor.io.TensorFiles;
import dev.luthier.train.GradientTransform;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** What every optimizer must hold to. A test of one says its settings and its state. */
public abstract class OptimizerContract {
  /** The optimizer with its defaults. */
  protected abstract GradientTransform subject();

  /**
   * The settings that the golden file of the optimizer's key holds a trajectory of, by its names;
   * none where there is no reference, and then the test compares with the paper's equations.
   */
  protected abstract Map<String, GradientTransform> cases();

  /** The same, and the defaults. */
  private Map<String, GradientTransform> settings() {
    Map<String, GradientTransform> out = new TreeMap<>(cases());
    if (!out.containsValue(subject())) {
      out.put("subject", subject());
    }
    return out;
  }

  /**
   * The state after a step on {@code weight} (5 by 3) and {@code bias} (5) in float32, as {@code
   * "weight:mean", "F32[5, 3]"}.
   */
  protected abstract Map<String, String> state();

  /** How far a float64 trajectory may be from the reference, as a share of its largest number. */
  protected double exactness() {
    return 1e-11;
  }

  /** The same for float32. */
  protected double closeness() {
    return 2e-6;
  }

  /** Components whose range holds -1, which is outside that of most. */
  protected List<String> mayBeNegative() {
    return List.of();
  }

  @TestFactory
  Stream<DynamicTest> twenty_steps_equal_those_of_the_reference() {
    return cases().entrySet().stream()
        .flatMap(
            c ->
                Stream.of(DType.F64, DType.F32)
                    .map(
                        type ->
                            DynamicTest.dynamicTest(
                                c.getKey() + " in " + type,
                                () -> requireParity(c.getKey(), c.getValue(), type))));
  }

  private void requireParity(String name, GradientTransform optimizer, DType type) {
    double share = type == DType.F64 ? exactness() : closeness();
    try (Scope scope = Scope.open();
        TensorFile golden = Trial.open(key())) {
      List<String> compared =
          Trial.NAMES.stream()
              .filter(p -> golden.names().contains(name + "." + p + "." + Trial.STEPS))
              .toList();
      assertThat(compared).isNotEmpty();
      Trial trial = Trial.of(type, compared.toArray(String[]::new));
      Map<String, Tensor> begun = new TreeMap<>();
      golden.names().stream()
          .filter(n -> n.startsWith("begun."))
          .forEach(n -> begun.put(n.substring("begun.".length()), golden.tensor(n).to(type)));
      trial.state.restore(begun);
      for (int n = 1; n <= Trial.STEPS; n++) {
        trial.step(optimizer);
        if (n == 1 || n == 10 || n == Trial.STEPS) {
          for (String p : compared) {
            double[] expected = golden.tensor(name + "." + p + "." + n).toDoubles();
            double scale = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
            assertThat(trial.value(p))
                .as("%s after %d steps", p, n)
                .containsExactly(expected, within(share * Math.max(1, scale)));
          }
        }
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> steps_from_a_saved_state_equal_those_without_saving(@TempDir Path folder) {
    return settings().entrySet().stream()
        .map(c -> DynamicTest.dynamicTest(c.getKey(), () -> requireResume(c.getValue(), folder)));
  }

  private static void requireResume(GradientTransform optimizer, Path folder) {
    try (Scope scope = Scope.open()) {
      Trial through = Trial.of(DType.F32);
      Trial resumed = Trial.of(DType.F32);
      for (int n = 0; n < Trial.STEPS; n++) {
        through.step(optimizer);
        resumed.step(optimizer);
        Path file = folder.resolve("state.safetensors");
        TensorFiles.write(file, resumed.state.tensors());
        try (TensorFile saved = TensorFile.open(file)) {
          Map<String, Tensor> tensors = new TreeMap<>();
          saved.names().forEach(name -> tensors.put(name, saved.tensor(name)));
          resumed.state.restore(tensors);
        }
        for (String p : Trial.NAMES) {
          assertThat(resumed.value(p)).as("%s after %d", p, n + 1).isEqualTo(through.value(p));
        }
      }
    }
  }

  @Test
  void the_state_is_as_documented() {
    try (Scope scope = Scope.open()) {
      Trial trial = Trial.of(DType.F32, "weight", "bias").steps(subject(), 2);
      Map<String, String> found = new TreeMap<>();
      trial.state.tensors().forEach((name, t) -> found.put(name, t.describe()));
      assertThat(found).isEqualTo(new TreeMap<>(state()));
    }
  }

  @Test
  void a_parameter_without_a_gradient_is_left_alone() {
    try (Scope scope = Scope.open()) {
      Trial trial = Trial.of(DType.F32);
      Tensor g = Tensor.ones(DType.F32, 5, 3);
      double[] square = trial.value("square");
      double[] weight = trial.value("weight");
      trial.step(subject(), 1, Map.of("weight", g)).step(subject(), 1, Map.of("weight", g));
      assertThat(trial.value("square")).isEqualTo(square);
      assertThat(trial.value("weight")).isNotEqualTo(weight);
      assertThat(trial.state.tensors().keySet()).allMatch(name -> !name.startsWith("square:"));
    }
  }

  @Test
  void a_rate_of_zero_changes_nothing() {
    settings()
        .forEach(
            (name, optimizer) -> {
              try (Scope scope = Scope.open()) {
                Trial trial = Trial.of(DType.F32);
                Map<String, Tensor> before = trial.copies();
                for (int n = 0; n < 3; n++) {
                  trial.step(optimizer, 0, g -> g);
                }
                trial
                    .copies()
                    .forEach((p, t) -> assertThat(t.sameAs(before.get(p))).as(name).isTrue());
              }
            });
  }

  @Test
  void gradients_of_zero_keep_every_number_finite() {
    settings()
        .forEach(
            (name, optimizer) -> {
              try (Scope scope = Scope.open()) {
                Trial trial = Trial.of(DType.F32);
                trial.step(optimizer, 1, g -> g.mul(0));
                trial.step(optimizer);
                trial.step(optimizer, 1, g -> g.mul(0));
                trial.copies().forEach((p, t) -> assertThat(t.isFinite()).as(name).isTrue());
              }
            });
  }

  @Test
  void a_quadratic_falls() {
    try (Scope scope = Scope.open()) {
      Trial trial = Trial.of(DType.F32);
      double before = squares(trial);
      for (int n = 0; n < 30; n++) {
        trial.step(subject(), 1, trial.copies());
      }
      assertThat(squares(trial)).isLessThan(before);
    }
  }

  private static double squares(Trial trial) {
    return trial.copies().values().stream().mapToDouble(t -> t.norm().item()).sum();
  }

  @Test
  void the_same_key_names_it_in_recipes_and_in_the_list_of_techniques() {
    assertThat(ServiceLoader.load(GradientTransform.class).stream().map(p -> p.type().getName()))
        .contains(subject().getClass().getName());
    assertThat(subject()).isEqualTo(cases().getOrDefault("defaults", subject()));
  }

  @TestFactory
  Stream<DynamicTest> a_number_out_of_range_is_refused_by_its_key() {
    return Arrays.stream(subject().getClass().getRecordComponents())
        .filter(c -> c.getType() == double.class || c.getType() == int.class)
        .map(c -> DynamicTest.dynamicTest(c.getName(), () -> requireRefused(c)));
  }

  private void requireRefused(RecordComponent component) {
    String key = kebab(component.getName());
    if (component.getType() == double.class) {
      assertThatThrownBy(() -> with(component, Double.NaN)).hasMessageStartingWith(key + " ");
    }
    if (!mayBeNegative().contains(component.getName())) {
      Object negative =
          component.getType() == int.class
              ? (Object) Integer.valueOf(-1)
              : (Object) Double.valueOf(-1);
      assertThatThrownBy(() -> with(component, negative)).hasMessageStartingWith(key + " ");
    }
  }

  private void with(RecordComponent changed, Object value) throws Throwable {
    RecordComponent[] all = subject().getClass().getRecordComponents();
    Class<?>[] types = Arrays.stream(all).map(RecordComponent::getType).toArray(Class<?>[]::new);
    Object[] values = new Object[all.length];
    for (int i = 0; i < all.length; i++) {
      values[i] =
          all[i].getName().equals(changed.getName())
              ? value
              : all[i].getAccessor().invoke(subject());
    }
    try {
      subject().getClass().getDeclaredConstructor(types).newInstance(values);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private static String kebab(String name) {
    return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  private String key() {
    Technique t = subject().getClass().getAnnotation(Technique.class);
    return t.key().isEmpty() ? t.id() : t.key();
  }
}
