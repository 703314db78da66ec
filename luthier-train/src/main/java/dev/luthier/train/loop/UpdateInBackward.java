package dev.luthier.train.loop;

import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.Scope;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.Loss;
import dev.luthier.train.LossScale;
import dev.luthier.train.NonFiniteException;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;
import dev.luthier.train.TrainSpec;
import dev.luthier.train.TrainingException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Updates a parameter as soon as the backward pass has its whole gradient, and drops the gradient:
 * instead of the gradients of all parameters, those of about one layer are held.
 *
 * <p>A gradient is whole when the engine has stored it, which it does when every product that reads
 * the parameter has been differentiated; so nothing reads the parameter any more when it changes.
 * It is noticed when the next gradient is about to be stored.
 *
 * @see <a href="https://arxiv.org/abs/2306.09782">Lv et al. 2023, LOMO, section 3.1</a>
 */
final class UpdateInBackward implements AutoCloseable {
  private static final String KEY = "train.memory.update-in-backward";

  private final GradientTransform optimizer;

  /** Each parameter as a group of its own, in the order in which a norm is summed up. */
  private final Map<Parameter, ParameterGroup> alone = new LinkedHashMap<>();

  private final Map<Parameter, Autograd.Watch> watches = new LinkedHashMap<>();
  private final Map<Parameter, Double> norms = new LinkedHashMap<>();

  /** Those whose gradients are stored next, or have been since. */
  private final Set<Parameter> announced = new LinkedHashSet<>();

  private @Nullable Work work;
  private @Nullable RuntimeException failure;

  /** A backward pass under way. */
  private record Work(StepContext step, double weight, List<Long> rows) {}

  /**
   * @throws TrainingException if the recipe asks for what needs all gradients at once
   */
  UpdateInBackward(
      TrainSpec spec, LossScale scale, GradientTransform optimizer, List<ParameterGroup> groups) {
    this.optimizer = optimizer;
    if (spec.clipNorm() > 0) {
      throw refused(
          "clipping by the global norm needs all gradients before the first update; set"
              + " train.clip-norm to 0");
    }
    if (spec.microBatch() != null) {
      throw refused(
          "a micro-batch adds up gradients before the update; leave train.micro-batch out");
    }
    if (scale != LossScale.NONE) {
      throw refused(
          "a scaled loss skips a step when any gradient overflows, which is known only when all are"
              + " there; choose another train.precision");
    }
    if (optimizer.needsAllGradients()) {
      throw refused("a link of the optimizer looks at all gradients before the first update");
    }
    for (ParameterGroup g : groups) {
      g.parameters().forEach((name, p) -> alone.put(p, g.with(Map.of(name, p))));
    }
  }

  private static TrainingException refused(String why) {
    return new TrainingException(KEY + ": " + why + ", or leave " + KEY + " out");
  }

  /**
   * Runs the backward pass of a step, and updates.
   *
   * @return the norm of the gradients
   * @throws NonFiniteException if a gradient is not finite; parameters whose gradients came before
   *     it have been updated
   */
  double backward(Loss loss, StepContext step, List<Long> rows) {
    alone.keySet().stream().filter(Parameter::isRecorded).forEach(this::watch);
    norms.clear();
    announced.clear();
    work = new Work(step, loss.weight(), rows);
    failure = null;
    if (alone.keySet().stream().allMatch(Parameter::isRecorded)) {
      BatchWork.requireDependent(loss.sum());
    }
    if (loss.sum().requiresGrad()) {
      loss.sum().backward();
    }
    updateBefore(null);
    work = null;
    if (failure != null) {
      throw failure;
    }
    passOver(step);
    double sum = 0;
    for (Parameter p : alone.keySet()) {
      double n = norms.getOrDefault(p, 0.0);
      sum += n * n;
    }
    return 1 / loss.weight() * Math.sqrt(sum);
  }

  /** Links that keep averages count a step of those too that had no gradient in it. */
  private void passOver(StepContext step) {
    Gradients none = Gradients.none();
    alone.forEach(
        (p, group) -> {
          if (!norms.containsKey(p)) {
            optimizer.apply(group.at(step), none, step);
          }
        });
  }

  /** A parameter may have got another tensor, from a checkpoint. */
  private void watch(Parameter p) {
    Autograd.Watch known = watches.get(p);
    if (known == null || known.leaf() != p.value()) {
      if (known != null) {
        known.close();
      }
      watches.put(p, Autograd.whenSummed(p.value(), () -> updateBefore(p)));
    }
  }

  /** A failure waits until the pass is over: the engine would wrap it. */
  private void updateBefore(@Nullable Parameter next) {
    Work now = work;
    if (now == null || failure != null) {
      return;
    }
    try {
      for (Parameter p : List.copyOf(announced)) {
        if (p != next && hasGradient(p)) {
          announced.remove(p);
          update(p, now);
        }
      }
    } catch (NonFiniteException e) {
      failure = e.amidUpdates();
    } catch (RuntimeException e) {
      failure = e;
    }
    if (next != null) {
      announced.add(next);
    }
  }

  private static boolean hasGradient(Parameter p) {
    try (Scope scope = Scope.open()) {
      return p.value().grad() != null;
    }
  }

  private void update(Parameter p, Work now) {
    ParameterGroup group = Objects.requireNonNull(alone.get(p));
    try (Scope scope = Scope.open();
        Autograd.Guard off = Autograd.noGrad()) {
      Gradients own = Gradients.collect(List.of(group));
      norms.put(p, own.norm());
      own.dividedBy(now.weight()).requireFinite(own.norm(), now.step(), now.rows());
      optimizer.prepare(own, now.step());
      optimizer.apply(group.at(now.step()), own, now.step());
      own.clear();
    }
  }

  @Override
  public void close() {
    watches.values().forEach(Autograd.Watch::close);
    watches.clear();
  }
}
