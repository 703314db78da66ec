package dev.luthier.train.loop;

import dev.luthier.data.batch.Batch;
import dev.luthier.data.batch.Collator;
import dev.luthier.data.batch.EncodedExample;
import dev.luthier.model.Model;
import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Gradients;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.NonFiniteException;
import dev.luthier.train.Objective;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.Replay;
import dev.luthier.train.TrainingException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The batch of a step, computed part by part: the losses of the parts add up, and so do their
 * gradients, which are divided once by the weight of the whole. It can be computed again.
 */
final class BatchWork implements Replay {
  private final Model model;
  private final Objective objective;
  private final Collator collator;
  private final List<ParameterGroup> groups;
  private final LossContext step;
  private final Rng.Key collateKey;
  private final List<List<EncodedExample>> parts;
  private final double factor;
  private final List<Long> rows;
  private double sum;
  private double weight;
  private int tokens;
  private final Map<String, Double> scalars = new TreeMap<>();
  private boolean computed;

  /**
   * @param collateKey names the draws the batch is made with
   * @param parts the examples
   * @param factor what losses are multiplied by before they are differentiated
   */
  BatchWork(
      Model model,
      Objective objective,
      Collator collator,
      List<ParameterGroup> groups,
      LossContext step,
      Rng.Key collateKey,
      List<List<EncodedExample>> parts,
      double factor) {
    this.model = model;
    this.objective = objective;
    this.collator = collator;
    this.groups = groups;
    this.step = step;
    this.collateKey = collateKey;
    this.parts = parts;
    this.factor = factor;
    this.rows = parts.stream().flatMap(List::stream).map(EncodedExample::row).toList();
  }

  /** Where the examples stand in their file. */
  List<Long> rows() {
    return rows;
  }

  /** The weight of the loss. */
  double weight() {
    return weight;
  }

  /**
   * The tokens of the batch, as it was when it was first computed; of a batch whose loss was not
   * finite, those that were read until then.
   */
  int tokens() {
    return tokens;
  }

  /** The mean loss, as it was when the batch was first computed. */
  double mean() {
    return sum / weight;
  }

  /** Named parts of the mean loss, as they were when the batch was first computed. */
  Map<String, Double> scalars() {
    return scalars;
  }

  @Override
  public double loss() {
    try (Autograd.Guard off = Autograd.noGrad()) {
      return each(loss -> {});
    }
  }

  @Override
  public Gradients gradients() {
    groups.forEach(group -> group.forEach(p -> p.value().clearGrad()));
    var unused = each(loss -> differentiate(loss.sum()));
    Gradients own = Gradients.collect(groups).dividedBy(weight * factor);
    own.clear();
    return own;
  }

  /** Where the optimizer wants the gradients of some alone, the loss may depend on none of them. */
  private void differentiate(Tensor loss) {
    boolean all =
        groups.stream()
            .flatMap(g -> g.parameters().values().stream())
            .allMatch(Parameter::isRecorded);
    if (all) {
      requireDependent(loss);
    }
    if (loss.requiresGrad()) {
      (factor == 1 ? loss : loss.mul(factor)).backward();
    }
  }

  /**
   * Refuses a loss of which nothing that is trained could learn.
   *
   * @throws TrainingException if it depends on no trained parameter
   */
  static void requireDependent(Tensor loss) {
    if (!loss.requiresGrad()) {
      throw new TrainingException(
          "objective: the loss depends on nothing that is trained, so nothing would be learnt;"
              + " choose another objective, or train more of the model (adapt)");
    }
  }

  /**
   * Computes the loss of each part.
   *
   * @return the mean over all
   * @throws NonFiniteException if a loss is not finite
   */
  double each(Consumer<Loss> use) {
    double total = 0;
    double over = 0;
    int seen = 0;
    Map<String, Double> named = new TreeMap<>();
    for (List<EncodedExample> part : parts) {
      try (Scope scope = Scope.open()) {
        Batch batch = collator.collate(part, collateKey);
        seen += batch.tokens().segments().total();
        tokens = computed ? tokens : seen;
        Loss loss = objective.compute(model, batch, step);
        double value = loss.sum().item();
        if (!Double.isFinite(value)) {
          String first = FirstNonFinite.of(model, objective, batch, step);
          throw new NonFiniteException("the loss", first, step.number(), rows);
        }
        use.accept(loss);
        total += value;
        over += loss.weight();
        loss.scalars().forEach((k, v) -> named.merge(k, v, Double::sum));
      }
    }
    double all = over;
    if (!computed) {
      sum = total;
      weight = over;
      named.forEach((k, v) -> scalars.put(k, v / all));
      computed = true;
    }
    return total / over;
  }
}
