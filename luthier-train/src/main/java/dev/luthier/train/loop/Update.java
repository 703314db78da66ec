package dev.luthier.train.loop;

import dev.luthier.model.nn.Parameter;
import dev.luthier.train.Finding;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.Listener.Attempt;
import dev.luthier.train.Listener.Verdict;
import dev.luthier.train.LossScale;
import dev.luthier.train.NonFiniteException;
import dev.luthier.train.OtherWeights;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;
import dev.luthier.train.TrainingException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * From the work on a batch to new weights. Between the two the listeners are asked: the loss and
 * all gradients are known then, and neither weights nor optimizer have changed.
 *
 * @param optimizer says how
 * @param groups what is updated
 * @param scale of the loss
 * @param watchers who may refuse
 * @param inBackward updates within the backward pass, or null
 */
record Update(
    GradientTransform optimizer,
    List<ParameterGroup> groups,
    LossScale scale,
    Watchers watchers,
    @Nullable UpdateInBackward inBackward) {

  private static final int SHOWN = 4;
  private static final List<String> REMEDIES =
      List.of(
          "an objective beside it that trains them (objective: {joint: {parts: [...]}})",
          "freezing what is not to be trained (adapt)");

  /**
   * What was done.
   *
   * @param norm of the gradients, before clipping
   * @param verdict on the batch
   */
  record Made(double norm, Verdict verdict) {}

  /**
   * Makes a step.
   *
   * @param epoch passes over the data after it
   */
  Made make(StepContext step, BatchWork work, double epoch) {
    return inBackward != null
        ? whileDifferentiating(step, work, inBackward)
        : optimizer.needsGradients()
            ? byGradients(step, work, epoch)
            : withoutGradients(step, work, epoch);
  }

  private Made byGradients(StepContext step, BatchWork work, double epoch) {
    Gradients gradients = Gradients.none();
    NonFiniteException failure = null;
    boolean fits = true;
    try {
      gradients = work.gradients();
      requireTarget(step, work.weight(), work);
      fits = scale.accepts(gradients, step, work.rows());
    } catch (NonFiniteException e) {
      failure = e;
    }
    if (step.number() == 0 && failure == null) {
      tellWithout(gradients, epoch);
    }
    double norm = gradients.norm();
    if (!fits) {
      return new Made(norm, Verdict.SKIP);
    }
    Verdict verdict = watchers.judged(attempt(step, work, epoch, gradients, failure));
    if (verdict == Verdict.UPDATE) {
      verdict = prepare(gradients, step, work, epoch);
    }
    if (verdict == Verdict.UPDATE) {
      apply(gradients, step);
    }
    return new Made(norm, verdict);
  }

  /** The optimizer may look at the batch again, from other weights, where it may fail as well. */
  private Verdict prepare(Gradients gradients, StepContext step, BatchWork work, double epoch) {
    try {
      optimizer.prepare(gradients, step, new SecondLook(work, scale, step));
      return Verdict.UPDATE;
    } catch (NonFiniteException e) {
      return watchers.judgedAgain(attempt(step, work, epoch, Gradients.none(), e));
    } catch (SecondLook.Overflow e) {
      return Verdict.SKIP;
    }
  }

  /** What is to be trained and has no gradient stays as it is, which may be a head at random. */
  private void tellWithout(Gradients gradients, double epoch) {
    List<String> without = new ArrayList<>();
    for (ParameterGroup group : groups) {
      group
          .parameters()
          .forEach(
              (name, p) -> {
                if (p.isRecorded() && !gradients.has(p)) {
                  without.add(name);
                }
              });
    }
    if (!without.isEmpty()) {
      String saw =
          "the loss does not depend on %d of the tensors that are to be trained, which stay as they are: %s%s."
              .formatted(
                  without.size(),
                  String.join(", ", without.subList(0, Math.min(SHOWN, without.size()))),
                  without.size() > SHOWN ? " and others" : "");
      watchers.found(new Finding("no-gradient", 1, epoch, saw, REMEDIES));
    }
  }

  /** The optimizer finds out by itself what to do, so its way there is part of the attempt. */
  private Made withoutGradients(StepContext step, BatchWork work, double epoch) {
    Gradients none = Gradients.none();
    Verdict verdict;
    try (OtherWeights before = OtherWeights.holding(watchers.refuse() ? parameters() : List.of())) {
      NonFiniteException failure = null;
      try {
        optimizer.prepare(none, step, new SecondLook(work, scale, step));
        requireTarget(step, work.weight(), work);
      } catch (NonFiniteException e) {
        failure = e;
      }
      verdict = watchers.judged(attempt(step, work, epoch, none, failure));
      if (verdict == Verdict.UPDATE) {
        before.stay();
      }
    }
    if (verdict == Verdict.UPDATE) {
      apply(none, step);
    }
    return new Made(none.norm(), verdict);
  }

  private List<Parameter> parameters() {
    return groups.stream().flatMap(g -> g.parameters().values().stream()).toList();
  }

  private static Made whileDifferentiating(
      StepContext step, BatchWork work, UpdateInBackward inBackward) {
    double[] norm = new double[1];
    var unused =
        work.each(
            loss -> {
              requireTarget(step, loss.weight(), work);
              norm[0] = inBackward.backward(loss, step, work.rows());
            });
    return new Made(norm[0], Verdict.UPDATE);
  }

  private static Attempt attempt(
      StepContext step,
      BatchWork work,
      double epoch,
      Gradients gradients,
      @Nullable NonFiniteException failure) {
    return new Attempt(step.number(), epoch, work.mean(), gradients, work.rows(), failure);
  }

  private void apply(Gradients gradients, StepContext step) {
    for (ParameterGroup group : groups) {
      optimizer.apply(group.at(step), gradients, step);
    }
  }

  private static void requireTarget(StepContext step, double weight, BatchWork work) {
    if (!(weight > 0)) {
      throw new TrainingException(
          "step "
              + (step.number() + 1)
              + " has nothing to learn from: no target in rows "
              + work.rows());
    }
  }
}
