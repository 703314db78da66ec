package dev.luthier.train.regularizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.data.batch.Batch;
import dev.luthier.data.batch.EncodedDataset;
import dev.luthier.model.Pooling;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Beginning;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.Objective;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.Origin;
import dev.luthier.train.RandomCase;
import dev.luthier.train.StepContext;
import dev.luthier.train.objective.ContrastivePairs;
import dev.luthier.train.objective.CrossEntropy;
import dev.luthier.train.objective.SupervisedContrastive;
import dev.luthier.train.objective.Triplet;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Objectives of chance and of company, beside plain ones in another language. */
class RandomSettingsTest {
  private static final Objective PLAIN = new CrossEntropy();

  /** In the order in which the golden files count the techniques. */
  private static final List<String> TECHNIQUES =
      List.of(
          "r-drop",
          "neftune",
          "r3f",
          "smart",
          "mixout",
          "l2-sp",
          "z-loss",
          "mixup",
          "distillation",
          "contrastive-pairs",
          "triplet",
          "supervised-contrastive");

  @TestFactory
  Stream<DynamicTest>
      at_random_settings_loss_and_gradients_equal_those_of_a_plain_implementation() {
    return RandomCase.all("objectives")
        .map(c -> DynamicTest.dynamicTest(c.toString(), () -> of(c)));
  }

  private static void of(RandomCase c) {
    Rng.Key key = Rng.Key.of(100L * TECHNIQUES.indexOf(c.name()) + c.number());
    Bag model = Bag.of(key.with("start"), c.value("dropout"));
    OptimizerState state = new OptimizerState(Modules.parameters(model));
    try (Scope scope = Scope.open()) {
      Batch batch = Bag.batch(key, c.is("flags"));
      Origin origin = new Origin(Path.of(""), List.of(), null, Set.of("head.weight", "head.bias"));
      Beginning beginning =
          new Beginning(model, new EncodedDataset("none", List.of(), "none"), origin);
      Objective objective = objective(c, key).begin(beginning);
      // The average of weights begins with those of the first step.
      var unused = objective.compute(model, batch, step(0, Rng.Key.of(1), state));
      model.become(key.with("now"));
      Loss loss = objective.compute(model, batch, step(1, key, state));
      loss.sum().backward();
      double[] found =
          DoubleStream.concat(
                  DoubleStream.of(loss.sum().item()),
                  Modules.parameters(model).values().stream().flatMapToDouble(p -> gradient(p)))
              .toArray();
      double scale = Arrays.stream(c.expected()).map(Math::abs).max().orElseThrow();
      assertThat(found).containsExactly(c.expected(), within(1e-6 * Math.max(1, scale)));
    }
  }

  private static LossContext step(long number, Rng.Key key, OptimizerState state) {
    return new LossContext(new StepContext(number, 10, 0, 1, key, state));
  }

  private static DoubleStream gradient(Parameter p) {
    Tensor g = p.value().grad();
    return g == null
        ? DoubleStream.generate(() -> 0).limit(p.count())
        : DoubleStream.of(g.toDoubles());
  }

  private static Objective objective(RandomCase c, Rng.Key key) {
    return switch (c.name()) {
      case "r-drop" -> new RDrop(c.value("alpha"), PLAIN);
      case "neftune" -> new Neftune(c.value("alpha"), PLAIN);
      case "r3f" ->
          new R3f(
              c.value("lambda"),
              c.value("sigma"),
              Noise.valueOf(c.word("noise")),
              c.value("spectral"),
              PLAIN);
      case "smart" -> smart(c);
      case "mixout" -> new Mixout(c.value("p"), PLAIN);
      case "l2-sp" -> new L2Sp(c.value("alpha"), c.value("beta"), PLAIN);
      case "z-loss" -> new ZLoss(c.value("strength"), PLAIN);
      case "mixup" -> new Mixup(c.value("alpha"), PLAIN);
      case "distillation" -> distillation(c, key);
      default -> ofCompany(c);
    };
  }

  private static Objective ofCompany(RandomCase c) {
    Pooling.Kind pooling = Pooling.Kind.valueOf(c.word("pooling"));
    return switch (c.name()) {
      case "contrastive-pairs" -> new ContrastivePairs(c.value("margin"), pooling, c.is("unit"));
      case "triplet" ->
          new Triplet(c.value("margin"), Triplet.Mining.valueOf(c.word("negatives")), pooling);
      case "supervised-contrastive" -> new SupervisedContrastive(c.value("temperature"), pooling);
      default -> throw new IllegalArgumentException(c.name());
    };
  }

  private static Objective smart(RandomCase c) {
    return new Smart(
        c.value("lambda"),
        c.value("mu"),
        c.value("epsilon"),
        c.value("eta"),
        c.value("sigma"),
        c.count("steps"),
        c.value("beta"),
        PLAIN);
  }

  /** The teacher is the model as it began. */
  private static Objective distillation(RandomCase c, Rng.Key key) {
    Distillation options =
        new Distillation(
            Path.of(""), c.value("temperature"), c.value("alpha"), c.value("hidden"), PLAIN);
    return new Distillation.Taught(options, PLAIN, Bag.of(key.with("start"), 0.5));
  }
}
