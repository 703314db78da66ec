package dev.luthier.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.data.batch.EncodedDataset;
import dev.luthier.model.nn.Modules;
import dev.luthier.tensor.DType;
import dev.luthier.testing.Proves;
import dev.luthier.train.BatchOrder;
import dev.luthier.train.Finding;
import dev.luthier.train.Float32;
import dev.luthier.train.Identity;
import dev.luthier.train.Listener;
import dev.luthier.train.Listener.Wish;
import dev.luthier.train.NonFiniteException;
import dev.luthier.train.Objective;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.Origin;
import dev.luthier.train.TrainSpec;
import dev.luthier.train.TrainSpec.MemorySpec;
import dev.luthier.train.TrainingException;
import dev.luthier.train.checkpoint.Checkpoints;
import dev.luthier.train.objective.CrossEntropy;
import dev.luthier.train.objective.SupervisedContrastive;
import dev.luthier.train.optim.AdamW;
import dev.luthier.train.schedule.LinearSchedule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainerTest {
  private static final EncodedDataset DATA = ToyModel.data(40);
  private static final Identity IDENTITY = new Identity("recipe", "data", "base");

  @TempDir Path folder;

  private static TrainSpec spec(Integer microBatch, long saveEvery) {
    return new TrainSpec(
        4,
        null,
        8,
        microBatch,
        1,
        1,
        BatchOrder.SIMILAR_LENGTH,
        null,
        null,
        saveEvery,
        2,
        null,
        new Float32(),
        new MemorySpec());
  }

  private Trainer trainer(ToyModel model, TrainSpec spec, Path at, Listener... listeners) {
    return new Trainer(setup(model, spec, at, listeners));
  }

  private Trainer.Setup setup(ToyModel model, TrainSpec spec, Path at, Listener... listeners) {
    return new Trainer.Setup(
        model,
        new CrossEntropy(),
        new AdamW(0.1, 0.9, 0.999, 1e-8, 0.01),
        new LinearSchedule(),
        DATA,
        ToyModel.collator(),
        spec,
        List.of(listeners),
        new Checkpoints(at, spec.keep(), IDENTITY, w -> {}),
        () -> Map.of("loss", 1.0),
        Origin.of(Path.of("")));
  }

  private static Map<String, byte[]> weights(ToyModel model) {
    Map<String, byte[]> out = new TreeMap<>();
    Modules.parameters(model).forEach((name, p) -> out.put(name, p.value().toBytes()));
    return out;
  }

  private static void assertSame(Map<String, byte[]> a, Map<String, byte[]> b) {
    assertThat(a.keySet()).isEqualTo(b.keySet());
    a.forEach((name, bytes) -> assertThat(Arrays.equals(bytes, b.get(name))).as(name).isTrue());
  }

  private static final class Losses implements Listener {
    private final List<Double> seen = new ArrayList<>();
    private final int stopAfter;

    Losses(int stopAfter) {
      this.stopAfter = stopAfter;
    }

    @Override
    public Wish stepped(StepReport step) {
      seen.add(step.loss());
      return seen.size() == stopAfter ? Wish.STOP : Wish.NONE;
    }
  }

  @Test
  void loss_falls() {
    Losses losses = new Losses(-1);
    trainer(new ToyModel(0, DType.F32), spec(null, 100), folder, losses).run();
    assertThat(losses.seen).hasSize(20);
    assertThat(losses.seen.get(19)).isLessThan(losses.seen.get(0) / 2);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7})
  @Proves("training-loop")
  void any_split_of_a_batch_gives_the_same_weights_even_under_dropout(int micro) {
    ToyModel whole = new ToyModel(0.2, DType.F64);
    ToyModel split = new ToyModel(0.2, DType.F64);
    trainer(whole, spec(null, 100), folder.resolve("a")).run();
    trainer(split, spec(micro, 100), folder.resolve("b")).run();
    Modules.parameters(whole)
        .forEach(
            (name, p) -> {
              double[] a = p.value().toDoubles();
              double[] b = Modules.parameters(split).get(name).value().toDoubles();
              for (int i = 0; i < a.length; i++) {
                assertThat(b[i]).isCloseTo(a[i], org.assertj.core.data.Offset.offset(1e-6));
              }
            });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19})
  @Proves("training-loop")
  void run_ended_at_any_step_and_resumed_has_bit_identical_weights(int stop) {
    ToyModel straight = new ToyModel(0.2, DType.F32);
    trainer(straight, spec(3, 1), folder.resolve("straight"), new Losses(-1)).run();

    Path at = folder.resolve("resumed");
    Losses first = new Losses(-1);
    var unused = AskedToStop.run(setup(new ToyModel(0.2, DType.F32), spec(3, 1), at, first), stop);
    ToyModel resumed = new ToyModel(0.2, DType.F32);
    Losses second = new Losses(-1);
    unused = AskedToStop.run(setup(resumed, spec(3, 1), at, second), -1);

    assertThat(first.seen.size() + second.seen.size()).isEqualTo(20);
    assertSame(weights(straight), weights(resumed));
  }

  @Test
  @Proves("training-loop")
  void a_run_that_a_listener_ended_is_over_also_when_it_is_killed_then_and_resumed() {
    ToyModel model = new ToyModel(0.2, DType.F32);
    Listener.Outcome ended = trainer(model, spec(3, 5), folder, new Losses(7)).run();
    assertThat(ended.completed()).isTrue();
    ToyModel resumed = new ToyModel(0.2, DType.F32);
    Losses after = new Losses(-1);
    assertThat(trainer(resumed, spec(3, 5), folder, after).run()).isEqualTo(ended);
    assertThat(after.seen).isEmpty();
    assertSame(weights(model), weights(resumed));
  }

  @Test
  void damaged_checkpoint_is_reported_and_the_one_before_it_is_used() throws IOException {
    trainer(new ToyModel(0, DType.F32), spec(null, 5), folder, new Losses(-1)).run();
    Path newest = folder.resolve("step-000000020").resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(newest);
    bytes[bytes.length - 1] ^= 1;
    Files.write(newest, bytes);

    List<String> warnings = new ArrayList<>();
    ToyModel model = new ToyModel(0, DType.F32);
    Losses after = new Losses(-1);
    Trainer.Setup setup =
        new Trainer.Setup(
            model,
            new CrossEntropy(),
            new AdamW(0.1, 0.9, 0.999, 1e-8, 0.01),
            new LinearSchedule(),
            DATA,
            ToyModel.collator(),
            spec(null, 5),
            List.of(after),
            new Checkpoints(folder, 2, IDENTITY, warnings::add),
            null,
            Origin.of(Path.of("")));
    new Trainer(setup).run();
    assertThat(after.seen).hasSize(5);
    assertThat(warnings).hasSize(1);
    assertThat(warnings.get(0)).contains("step-000000020", "model.safetensors is not what was");
  }

  @Test
  void checkpoint_of_another_recipe_is_refused() {
    trainer(new ToyModel(0, DType.F32), spec(null, 5), folder).run();
    Checkpoints other = new Checkpoints(folder, 2, new Identity("x", "data", "base"), w -> {});
    assertThatThrownBy(
            () -> other.restore(Map.of(), new OptimizerState(Map.of()), List.<Listener>of()))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("another recipe");
  }

  @Test
  void not_a_number_stops_the_run_and_names_the_rows() {
    ToyModel model = new ToyModel(0, DType.F32);
    Modules.parameters(model).get("query.weight").value().detach().fill(Double.NaN);
    assertThatThrownBy(() -> trainer(model, spec(null, 5), folder).run())
        .isInstanceOf(NonFiniteException.class)
        .hasMessageContaining("the loss is not finite at step 1 (rows [")
        .hasMessageContaining("The first tensor that is not is query.weight. Nothing was updated.");
  }

  private static Trainer minimising(Objective objective, Trainer.Setup plain) {
    return new Trainer(
        new Trainer.Setup(
            plain.model(),
            objective,
            plain.optimizer(),
            plain.schedule(),
            plain.data(),
            plain.collator(),
            plain.spec(),
            plain.listeners(),
            plain.checkpoints(),
            plain.validation(),
            plain.origin()));
  }

  @Test
  void a_loss_that_depends_on_nothing_that_is_trained_is_refused() {
    ToyModel model = new ToyModel(0, DType.F32);
    Modules.parameters(model).forEach((name, p) -> p.setTrainable(name.startsWith("classifier.")));
    Trainer trainer = minimising(new SupervisedContrastive(), setup(model, spec(null, 5), folder));
    assertThatThrownBy(trainer::run)
        .isInstanceOf(TrainingException.class)
        .hasMessageStartingWith("objective: the loss depends on nothing that is trained");
  }

  @Test
  void what_is_to_be_trained_and_has_no_gradient_is_told_once() {
    List<Finding> found = new ArrayList<>();
    Listener hears =
        new Listener() {
          @Override
          public void found(Finding finding) {
            found.add(finding);
          }
        };
    Objective embeddings = new SupervisedContrastive();
    for (Objective objective : List.of(new CrossEntropy(), embeddings)) {
      Path at = folder.resolve(objective.getClass().getSimpleName());
      minimising(objective, setup(new ToyModel(0, DType.F32), spec(null, 5), at, hears)).run();
    }
    assertThat(found).hasSize(1);
    assertThat(found.get(0).saw())
        .isEqualTo(
            "the loss does not depend on 2 of the tensors that are to be trained, which stay as"
                + " they are: classifier.weight, classifier.bias.");
    assertThat(found.get(0).remedies()).hasSize(2);
  }

  @Test
  void a_loss_that_overflows_names_the_layer_in_which_it_began() {
    ToyModel model = new ToyModel(0, DType.F32);
    Modules.parameters(model).get("value.weight").value().detach().fill(3e38);
    assertThatThrownBy(() -> trainer(model, spec(null, 5), folder).run())
        .isInstanceOf(NonFiniteException.class)
        .hasMessageContaining("The first tensor that is not is the output of value.");
  }

  @Test
  void model_without_layers_in_a_row_cannot_recompute_them_and_the_key_is_named() {
    TrainSpec spec =
        new TrainSpec(
            4,
            null,
            8,
            null,
            1,
            1,
            BatchOrder.SIMILAR_LENGTH,
            null,
            null,
            9L,
            2,
            null,
            new Float32(),
            new MemorySpec(true, true, false));
    assertThatThrownBy(() -> trainer(new ToyModel(0, DType.F32), spec, folder))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("train.memory.checkpoint-activations");
  }

  @Test
  void best_weights_come_back_at_the_end() {
    ToyModel model = new ToyModel(0, DType.F32);
    List<Map<String, byte[]>> best = new ArrayList<>();
    Listener marksTheSecondEvaluation =
        new Listener() {
          @Override
          public Wish evaluated(Evaluation e) {
            if (e.step() == 10) {
              best.add(weights(model));
              return Wish.KEEP_BEST;
            }
            return Wish.NONE;
          }
        };
    trainer(model, spec(null, 5), folder, marksTheSecondEvaluation).run();
    assertSame(best.get(0), weights(model));
  }
}
