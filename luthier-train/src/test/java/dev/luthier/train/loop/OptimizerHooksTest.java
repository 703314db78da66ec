package dev.luthier.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import dev.luthier.train.BatchOrder;
import dev.luthier.train.Float32;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.Identity;
import dev.luthier.train.Listener;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.Origin;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.Replay;
import dev.luthier.train.StepContext;
import dev.luthier.train.TrainSpec;
import dev.luthier.train.TrainSpec.MemorySpec;
import dev.luthier.train.checkpoint.Checkpoints;
import dev.luthier.train.objective.CrossEntropy;
import dev.luthier.train.optim.AdamW;
import dev.luthier.train.optim.Chain;
import dev.luthier.train.optim.Sam;
import dev.luthier.train.optim.Sgd;
import dev.luthier.train.schedule.ConstantSchedule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a link of an optimizer may ask of the trainer beside the gradients of the step. */
class OptimizerHooksTest {
  private static final int STEPS = 6;

  @TempDir private Path folder;

  private static Trainer trainer(
      ToyModel model,
      GradientTransform link,
      Path at,
      List<Map<String, double[]>> evaluated,
      Listener... listeners) {
    return new Trainer(setup(model, link, at, evaluated, listeners));
  }

  private static Trainer.Setup setup(
      ToyModel model,
      GradientTransform link,
      Path at,
      List<Map<String, double[]>> evaluated,
      Listener... listeners) {
    return new Trainer.Setup(
        model,
        new CrossEntropy(),
        new Chain(List.of(link, new AdamW(0.1, 0.9, 0.999, 1e-8, 0.01))),
        new ConstantSchedule(),
        ToyModel.data(40),
        ToyModel.collator(),
        spec(STEPS, 0),
        List.of(listeners),
        new Checkpoints(at, 9, new Identity("recipe", "data", "base"), w -> {}),
        () -> {
          evaluated.add(weights(model));
          return Map.of();
        },
        Origin.of(Path.of("")));
  }

  private static TrainSpec spec(long steps, double clipNorm) {
    return new TrainSpec(
        50,
        steps,
        8,
        3,
        1,
        clipNorm,
        BatchOrder.RANDOM,
        null,
        1L,
        1L,
        9,
        null,
        new Float32(),
        new MemorySpec());
  }

  private static Map<String, double[]> weights(ToyModel model) {
    Map<String, double[]> out = new TreeMap<>();
    Modules.parameters(model).forEach((name, p) -> out.put(name, p.value().toDoubles()));
    return out;
  }

  private static void assertSame(Map<String, double[]> a, Map<String, double[]> b) {
    a.forEach((name, values) -> assertThat(values).as(name).containsExactly(b.get(name)));
  }

  /** Computes the batch again, and compares. */
  private static final class Again implements GradientTransform {
    private int seen;

    @Override
    public void prepare(Gradients gradients, StepContext step, Replay batch) {
      double loss = batch.loss();
      Gradients again = batch.gradients();
      assertThat(batch.loss()).isEqualTo(loss);
      assertThat(again.norm()).isPositive().isEqualTo(gradients.norm());
      seen++;
    }

    @Override
    public boolean needsAllGradients() {
      return true;
    }

    @Override
    public void apply(ParameterGroup group, Gradients gradients, StepContext step) {}
  }

  /** Keeps the mean of all values so far, for evaluation. */
  private record Mean() implements GradientTransform {
    @Override
    public void apply(ParameterGroup group, Gradients gradients, StepContext step) {
      for (Parameter p : group) {
        Tensor mean = step.state(p, "mean-value", Tensor::zerosLike);
        Tensor value = p.value().detach();
        var unused = mean.addInPlace(value.sub(mean).mul(1.0 / (step.number() + 1)));
      }
    }

    @Override
    public @Nullable Tensor evaluated(Parameter p, OptimizerState state) {
      return state.of(p, "mean-value", () -> p.value().detach().copy());
    }
  }

  /** Wants no gradients: says so, and counts what it gets. */
  private record Blind(List<Double> losses) implements GradientTransform {
    @Override
    public void prepare(Gradients gradients, StepContext step, Replay batch) {
      losses.add(batch.loss());
    }

    @Override
    public boolean needsGradients() {
      return false;
    }

    @Override
    public void apply(ParameterGroup group, Gradients gradients, StepContext step) {
      group.forEach(p -> assertThat(gradients.has(p)).isFalse());
    }
  }

  @Test
  void the_batch_computed_again_gives_the_same_and_leaves_the_step_as_it_was() {
    ToyModel plain = new ToyModel(0.2, DType.F32);
    trainer(plain, new Mean(), folder.resolve("plain"), new ArrayList<>()).run();
    ToyModel model = new ToyModel(0.2, DType.F32);
    Again again = new Again();
    Chain both = new Chain(List.of(again, new Mean()));
    trainer(model, both, folder.resolve("again"), new ArrayList<>()).run();
    assertThat(again.seen).isEqualTo(STEPS);
    assertSame(weights(plain), weights(model));
  }

  /** Wants the gradients of every other parameter in turn, and asserts that it gets them alone. */
  private record Alternating(List<Long> seen) implements GradientTransform {
    @Override
    public Predicate<Parameter> wanted(StepContext step) {
      List<Parameter> all = List.copyOf(step.optimizer().parameters().values());
      return p -> all.indexOf(p) % 2 == step.number() % 2;
    }

    @Override
    public void apply(ParameterGroup group, Gradients gradients, StepContext step) {
      group.forEach(p -> assertThat(gradients.has(p)).isEqualTo(wanted(step).test(p)));
      seen.add(step.number());
    }
  }

  @Test
  void only_wanted_gradients_are_computed_and_the_others_come_back_when_they_are_wanted() {
    ToyModel model = new ToyModel(0.2, DType.F32);
    List<Long> seen = new ArrayList<>();
    trainer(model, new Alternating(seen), folder.resolve("run"), new ArrayList<>()).run();
    assertThat(seen).hasSize(2 * STEPS);
    assertThat(Modules.parameters(model).values())
        .allMatch(p -> p.trainable() && p.value().requiresGrad());
  }

  @Test
  void a_step_whose_loss_depends_on_nothing_wanted_changes_nothing() {
    ToyModel model = new ToyModel(0.2, DType.F32);
    Map<String, double[]> before = weights(model);
    GradientTransform none =
        new GradientTransform() {
          @Override
          public Predicate<Parameter> wanted(StepContext step) {
            return p -> false;
          }

          @Override
          public void apply(ParameterGroup group, Gradients gradients, StepContext step) {}
        };
    trainer(model, none, folder.resolve("run"), new ArrayList<>()).run();
    assertSame(before, weights(model));
  }

  @Test
  void averages_are_evaluated_and_kept_while_training_goes_on_with_the_values_themselves() {
    List<Map<String, double[]>> evaluated = new ArrayList<>();
    List<Map<String, double[]>> trained = new ArrayList<>();
    ToyModel model = new ToyModel(0.2, DType.F32);
    Listener watcher =
        new Listener() {
          @Override
          public Wish stepped(StepReport step) {
            trained.add(weights(model));
            return Wish.NONE;
          }
        };
    // The mean is taken before the update, so it is over the values that steps began with.
    trainer(model, new Mean(), folder.resolve("run"), evaluated, watcher).run();
    ToyModel plain = new ToyModel(0.2, DType.F32);
    GradientTransform nothing = (group, gradients, step) -> {};
    List<Map<String, double[]>> values = new ArrayList<>();
    trainer(plain, nothing, folder.resolve("plain"), values).run();
    assertSame(trained.get(STEPS - 1), weights(plain));
    assertSame(evaluated.get(STEPS - 1), weights(model));
    weights(model)
        .forEach(
            (name, mean) -> {
              double sum = start(name);
              for (int n = 0; n < STEPS - 1; n++) {
                sum += trained.get(n).get(name)[0];
              }
              assertThat(mean[0]).as(name).isCloseTo(sum / STEPS, within(1e-5));
            });
  }

  private static double start(String name) {
    return weights(new ToyModel(0.2, DType.F32)).get(name)[0];
  }

  @Test
  void a_run_with_averages_goes_on_to_the_same_bits() {
    ToyModel whole = new ToyModel(0.2, DType.F32);
    trainer(whole, new Mean(), folder.resolve("whole"), new ArrayList<>()).run();
    ToyModel first = new ToyModel(0.2, DType.F32);
    Path at = folder.resolve("ended");
    var unused = AskedToStop.run(setup(first, new Mean(), at, new ArrayList<>()), 3);
    ToyModel second = new ToyModel(0.2, DType.F32);
    unused = AskedToStop.run(setup(second, new Mean(), at, new ArrayList<>()), -1);
    assertSame(weights(whole), weights(second));
  }

  @Test
  @Proves("grad-clip")
  void what_is_clipped_is_the_gradient_that_moves_the_weights_also_where_sam_has_replaced_it() {
    double bound = 1e-3;
    Sgd plain = new Sgd(1, 0, false, 0);
    for (GradientTransform of : List.of(plain, new Chain(List.of(new Sam(), plain)))) {
      ToyModel model = new ToyModel(0, DType.F64);
      Map<String, double[]> before = weights(model);
      var unused =
          new Trainer(
                  new Trainer.Setup(
                      model,
                      new CrossEntropy(),
                      of,
                      new ConstantSchedule(),
                      ToyModel.data(40),
                      ToyModel.collator(),
                      spec(1, bound),
                      List.of(),
                      new Checkpoints(
                          folder.resolve("run-" + of.hashCode()),
                          9,
                          new Identity("recipe", "data", "base"),
                          w -> {}),
                      null,
                      Origin.of(Path.of(""))))
              .run();
      double moved = 0;
      for (Map.Entry<String, double[]> e : weights(model).entrySet()) {
        double[] b = before.get(e.getKey());
        for (int i = 0; i < b.length; i++) {
          moved += Math.pow(e.getValue()[i] - b[i], 2);
        }
      }
      assertThat(Math.sqrt(moved)).as(of.toString()).isCloseTo(bound, within(1e-8));
    }
  }

  /**
   * Asserts that what it compares with the step's gradients is clipped, and what it takes is not.
   */
  private record Comparing(double bound, List<Double> seen) implements GradientTransform {
    @Override
    public void prepare(Gradients gradients, StepContext step, Replay batch) {
      assertThat(batch.gradients().norm()).isGreaterThan(bound);
      seen.add(batch.clipped().norm());
    }

    @Override
    public boolean needsAllGradients() {
      return true;
    }

    @Override
    public void apply(ParameterGroup group, Gradients gradients, StepContext step) {}
  }

  @Test
  @Proves("grad-clip")
  void gradients_of_a_second_look_are_clipped_for_who_compares_them() {
    double bound = 1e-3;
    List<Double> seen = new ArrayList<>();
    Chain chain = new Chain(List.of(new Comparing(bound, seen), new Sgd(1, 0, false, 0)));
    new Trainer(
            new Trainer.Setup(
                new ToyModel(0, DType.F64),
                new CrossEntropy(),
                chain,
                new ConstantSchedule(),
                ToyModel.data(40),
                ToyModel.collator(),
                spec(2, bound),
                List.of(),
                new Checkpoints(folder, 9, new Identity("recipe", "data", "base"), w -> {}),
                null,
                Origin.of(Path.of(""))))
        .run();
    assertThat(seen).hasSize(2).allSatisfy(n -> assertThat(n).isCloseTo(bound, within(1e-8)));
  }

  @Test
  void an_optimizer_without_gradients_still_has_losses() {
    List<Double> losses = new ArrayList<>();
    List<Double> reported = new ArrayList<>();
    ToyModel model = new ToyModel(0.2, DType.F32);
    Map<String, double[]> before = weights(model);
    Listener watcher =
        new Listener() {
          @Override
          public Wish stepped(StepReport step) {
            reported.add(step.loss());
            return Wish.NONE;
          }
        };
    trainer(model, new Blind(losses), folder, new ArrayList<>(), watcher).run();
    assertThat(losses).hasSize(STEPS).isEqualTo(reported);
    assertSame(before, weights(model));
  }
}
