package dev.luthier.train.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.data.batch.Batch;
import dev.luthier.data.batch.Collator;
import dev.luthier.data.batch.EncodedDataset;
import dev.luthier.data.batch.EncodedExample;
import dev.luthier.data.batch.Targets;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Beginning;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.Objective;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.Origin;
import dev.luthier.train.StepContext;
import dev.luthier.train.TrainingException;
import dev.luthier.train.loop.ToyModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What every objective must hold to. A test of one is a subclass that says which it is. */
public abstract class ObjectiveContract {
  /** Examples of the batch. */
  protected static final int EXAMPLES = 8;

  private static final EncodedDataset DATA = ToyModel.data(EXAMPLES);
  private static final int COORDINATES = 5;

  /** The objective, with options of interest. */
  protected abstract Objective subject();

  /** What the examples teach; their class, unless a subclass says else. */
  protected Collator collator() {
    return ToyModel.collator();
  }

  /** The model's logits. */
  protected int logits() {
    return ToyModel.CLASSES;
  }

  /** How far sums over parts of a batch may be from the whole; more where float32 takes part. */
  protected double rounding() {
    return 1e-9;
  }

  /** Names of parameters that count as drawn at random. */
  protected Set<String> drawn() {
    return Set.of("classifier.weight", "classifier.bias");
  }

  /** A model whose dropout is on. */
  protected final ToyModel model(DType type) {
    return new ToyModel(0.1, type, logits());
  }

  /** The objective as it is when a run of this model has begun, and made some steps. */
  protected final Objective begun(Objective objective, ToyModel model) {
    Origin origin = new Origin(Path.of(""), List.of("0", "1", "2"), null, drawn());
    Objective begun = objective.begin(new Beginning(model, DATA, origin));
    try (Scope s = Scope.open();
        Autograd.Guard off = Autograd.noGrad()) {
      Modules.parameters(model)
          .forEach(
              (name, p) -> {
                Tensor moved = Rng.normal(Rng.Key.of(5).with(name), 0, 0.1, p.shape());
                var unused = p.value().addInPlace(moved.to(p.value().dtype()));
              });
    }
    return begun;
  }

  /** A step of a run of this model. */
  protected static LossContext step(ToyModel model) {
    OptimizerState state = new OptimizerState(Modules.parameters(model));
    return new LossContext(new StepContext(3, 10, 0, 1, Rng.Key.of(8), state));
  }

  /** A batch of all examples. */
  protected final Batch batch() {
    return batch(DATA.examples());
  }

  private Batch batch(List<EncodedExample> examples) {
    return collator().collate(examples, Rng.Key.of(2));
  }

  /** The gradient of a loss's sum with respect to every parameter. */
  protected static Map<String, Tensor> gradients(ToyModel model, Loss loss) {
    loss.sum().backward();
    Map<String, Tensor> out = new TreeMap<>();
    for (Map.Entry<String, Parameter> e : Modules.parameters(model).entrySet()) {
      Tensor g = e.getValue().value().grad();
      out.put(e.getKey(), g == null ? e.getValue().value().detach().zerosLike() : g.copy());
      e.getValue().value().clearGrad();
    }
    return out;
  }

  @Test
  protected void its_gradient_agrees_with_finite_differences() {
    ToyModel model = model(DType.F64);
    Objective objective = begun(subject(), model);
    LossContext step = step(model);
    try (Scope s = Scope.open()) {
      Map<String, Tensor> gradients = gradients(model, objective.compute(model, batch(), step));
      Modules.parameters(model)
          .forEach(
              (name, p) -> {
                double[] found = gradients.get(name).toDoubles();
                for (int n = 0; n < Math.min(COORDINATES, found.length); n++) {
                  int at = Rng.Key.of(4).with(name).below(n, found.length);
                  double expected = slope(model, objective, step, p, at);
                  assertThat(found[at])
                      .as("%s, coordinate %d", name, at)
                      .isCloseTo(expected, within(1e-6 + 1e-5 * Math.abs(expected)));
                }
              });
    }
  }

  private double slope(ToyModel model, Objective objective, LossContext step, Parameter p, int at) {
    double h = 1e-5;
    double[] ends = new double[2];
    double[] values = p.value().toDoubles();
    for (int side = 0; side < 2; side++) {
      try (Scope s = Scope.open()) {
        double[] moved = values.clone();
        moved[at] += side == 0 ? -h : h;
        setTo(p, moved);
        ends[side] = objective.compute(model, batch(), step).sum().item();
      }
    }
    setTo(p, values);
    return (ends[1] - ends[0]) / (2 * h);
  }

  private static void setTo(Parameter p, double... values) {
    try (Scope s = Scope.open();
        Autograd.Guard off = Autograd.noGrad()) {
      var unused = p.value().copyFrom(Tensor.of(values, p.shape()));
    }
  }

  @Test
  void parts_of_a_batch_add_up_to_the_whole_or_it_says_that_they_do_not() {
    ToyModel model = model(DType.F64);
    Objective objective = begun(subject(), model);
    assertThat(objective.isSumOverExamples()).isEqualTo(subject().isSumOverExamples());
    if (!objective.isSumOverExamples()) {
      return;
    }
    try (Scope s = Scope.open()) {
      Loss whole = objective.compute(model, batch(), step(model));
      Map<String, Tensor> expected = gradients(model, whole);
      Loss sum = null;
      Map<String, Tensor> found = new TreeMap<>();
      for (List<EncodedExample> part : parts()) {
        Loss loss = objective.compute(model, batch(part), step(model));
        gradients(model, loss).forEach((name, g) -> found.merge(name, g, Tensor::add));
        sum = sum == null ? loss.detached() : sum.plus(loss.detached());
      }
      assertThat(sum.sum().item()).isCloseTo(whole.sum().item(), within(rounding()));
      assertThat(sum.weight()).isCloseTo(whole.weight(), within(1e-12));
      assertThat(sum.scalars().keySet()).isEqualTo(whole.scalars().keySet());
      whole
          .scalars()
          .forEach((k, v) -> assertThat(sumOf(k)).as(k).isCloseTo(v, within(rounding())));
      expected.forEach(
          (name, g) ->
              assertThat(found.get(name).toDoubles())
                  .as(name)
                  .containsExactly(g.toDoubles(), within(rounding())));
    }
  }

  private double sumOf(String scalar) {
    ToyModel model = model(DType.F64);
    Objective objective = begun(subject(), model);
    return parts().stream()
        .mapToDouble(
            part -> objective.compute(model, batch(part), step(model)).scalars().get(scalar))
        .sum();
  }

  private static List<List<EncodedExample>> parts() {
    List<EncodedExample> odd = new ArrayList<>();
    List<EncodedExample> even = new ArrayList<>();
    DATA.examples().forEach(e -> (e.index() % 2 == 0 ? even : odd).add(e));
    return List.of(odd.subList(0, 1), even, odd.subList(1, odd.size()));
  }

  @Test
  void holding_the_activations_of_some_examples_at_once_changes_no_gradient() {
    ToyModel whole = model(DType.F64);
    ToyModel inParts = model(DType.F64);
    try (Scope s = Scope.open()) {
      Loss expected = begun(subject(), whole).compute(whole, batch(), step(whole));
      Loss found = begun(subject(), inParts).compute(inParts, batch(), step(inParts).atOnce(3));
      assertThat(found.weight()).isEqualTo(expected.weight());
      assertThat(found.sum().item()).isCloseTo(expected.sum().item(), within(1e-10));
      Map<String, Tensor> gradients = gradients(whole, expected);
      gradients(inParts, found)
          .forEach(
              (name, g) ->
                  assertThat(g.toDoubles())
                      .as(name)
                      .containsExactly(gradients.get(name).toDoubles(), within(1e-10)));
    }
  }

  @Test
  void the_same_step_gives_the_same_bits() {
    ToyModel one = model(DType.F32);
    ToyModel two = model(DType.F32);
    assertSameBits(one, begun(subject(), one), step(one), two, begun(subject(), two), step(two));
  }

  /** Asserts that two objectives give the same loss and gradients. */
  protected final void assertSameBits(
      ToyModel model,
      Objective objective,
      LossContext step,
      ToyModel otherModel,
      Objective other,
      LossContext otherStep) {
    try (Scope s = Scope.open()) {
      Loss a = objective.compute(model, batch(), step);
      Loss b = other.compute(otherModel, batch(), otherStep);
      assertThat(a.sum().sameAs(b.sum())).isTrue();
      assertThat(a.weight()).isEqualTo(b.weight());
      if (a.sum().requiresGrad()) {
        Map<String, Tensor> expected = gradients(otherModel, b);
        gradients(model, a)
            .forEach((name, g) -> assertThat(g.sameAs(expected.get(name))).as(name).isTrue());
      }
    }
  }

  @Test
  void it_is_found_by_the_service_loader_with_its_defaults() {
    assertThat(ServiceLoader.load(Objective.class).stream().map(ServiceLoader.Provider::get))
        .hasAtLeastOneElementOfType(subject().getClass());
  }

  @Test
  void targets_that_do_not_fit_are_refused_in_words() {
    if (!needsTargets()) {
      return;
    }
    ToyModel model = model(DType.F32);
    Batch full = batch();
    Batch none = new Batch(full.tokens(), new Targets.None(), full.indices(), full.rows());
    Objective objective = begun(subject(), model);
    assertThatThrownBy(() -> objective.compute(model, none, step(model)))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("targets");
  }

  /** Whether it says something of targets at all. */
  protected boolean needsTargets() {
    return true;
  }

  /** Its name in recipes. */
  protected final String key() {
    Technique t = subject().getClass().getAnnotation(Technique.class);
    return t.key().isEmpty() ? t.id() : t.key();
  }
}
