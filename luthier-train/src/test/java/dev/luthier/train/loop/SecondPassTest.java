package dev.luthier.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.data.batch.Batch;
import dev.luthier.model.Model;
import dev.luthier.model.nn.Modules;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import dev.luthier.train.BatchOrder;
import dev.luthier.train.Finding;
import dev.luthier.train.Float32;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Identity;
import dev.luthier.train.Listener;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.NonFiniteException;
import dev.luthier.train.Objective;
import dev.luthier.train.Origin;
import dev.luthier.train.Precision;
import dev.luthier.train.TrainSpec;
import dev.luthier.train.TrainSpec.MemorySpec;
import dev.luthier.train.checkpoint.Checkpoints;
import dev.luthier.train.listener.Instability;
import dev.luthier.train.listener.Instability.Then;
import dev.luthier.train.objective.CrossEntropy;
import dev.luthier.train.optim.AdamW;
import dev.luthier.train.optim.Chain;
import dev.luthier.train.optim.Mars;
import dev.luthier.train.optim.MeZo;
import dev.luthier.train.optim.Sam;
import dev.luthier.train.precision.Float16;
import dev.luthier.train.schedule.LinearSchedule;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A batch that fails only where the optimizer looks at it from other weights. */
class SecondPassTest {
  private static final int STEPS = 20;

  /** A batch of eight is computed in so many parts. */
  private static final int PARTS = 3;

  @TempDir Path folder;

  /** Optimizers that compute a batch more than once. */
  enum Looking {
    SAM,
    MARS,
    MEZO;

    GradientTransform optimizer() {
      return switch (this) {
        case SAM -> new Chain(List.of(new Sam(), new AdamW(0.05, 0.9, 0.999, 1e-8, 0.01)));
        case MARS -> new Mars(0.01, 0.9, 0.95, 0.5, 1e-8, 0.01, Mars.Form.ADAMW, true, false);
        case MEZO -> new MeZo(1e-3, 0.1, 0.01);
      };
    }
  }

  /** What goes wrong in the second pass. */
  enum Fault {
    LOSS,
    GRADIENT
  }

  /** Fails at some steps from the second time on that their batch is computed. */
  private static final class FailsAgain implements Objective {
    private final Fault fault;
    private final List<Integer> at;
    private long step = -1;
    private int calls;

    FailsAgain(Fault fault, Integer... at) {
      this.fault = fault;
      this.at = List.of(at);
    }

    @Override
    public Loss compute(Model model, Batch batch, LossContext context) {
      calls = context.number() == step ? calls + 1 : 1;
      step = context.number();
      Loss loss = new CrossEntropy().compute(model, batch, context);
      if (!at.contains((int) step) || calls <= PARTS) {
        return loss;
      }
      Tensor zero = loss.sum().sub(loss.sum().detach());
      return fault == Fault.LOSS
          ? loss.times(Double.NaN)
          : loss.adding("steep", zero.pow(2).sqrt()); // 0, with a derivative that is no number
    }
  }

  /** What a run did, and the weights after each step. */
  private static final class Seen implements Listener {
    private final ToyModel model = new ToyModel(0.2, DType.F32);
    private final List<Map<String, byte[]>> after = new ArrayList<>();
    private final List<StepReport> reports = new ArrayList<>();
    private final List<Finding> findings = new ArrayList<>();

    @Override
    public Wish stepped(StepReport step) {
      after.add(weights(model));
      reports.add(step);
      return Wish.NONE;
    }

    @Override
    public void found(Finding finding) {
      findings.add(finding);
    }

    List<Integer> skipped() {
      return reports.stream()
          .filter(r -> r.verdict() == Verdict.SKIP)
          .map(r -> (int) r.step())
          .toList();
    }
  }

  /** Refuses the batches of some steps before the optimizer sees them. */
  private record Refusing(List<Integer> at) implements Listener {
    @Override
    public Verdict judged(Attempt a) {
      return at.contains((int) a.step()) ? Verdict.SKIP : Verdict.UPDATE;
    }

    @Override
    public boolean refuses() {
      return true;
    }
  }

  private static Map<String, byte[]> weights(ToyModel model) {
    Map<String, byte[]> out = new TreeMap<>();
    Modules.parameters(model).forEach((name, p) -> out.put(name, p.value().toBytes()));
    return out;
  }

  private static boolean same(Map<String, byte[]> a, Map<String, byte[]> b) {
    return a.keySet().stream().allMatch(name -> Arrays.equals(a.get(name), b.get(name)));
  }

  private static Instability then(Then then) {
    return new Instability(then, 6, 50, 3, false, 4);
  }

  private Trainer.Setup setup(
      Path at, Looking how, Objective objective, Listener watch, Precision precision, Seen seen) {
    TrainSpec spec =
        new TrainSpec(
            4,
            null,
            8,
            3,
            1,
            1,
            BatchOrder.RANDOM,
            null,
            null,
            4L,
            9,
            null,
            precision,
            new MemorySpec());
    return new Trainer.Setup(
        seen.model,
        objective,
        how.optimizer(),
        new LinearSchedule(),
        ToyModel.data(40),
        ToyModel.collator(),
        spec,
        List.of(watch, seen),
        new Checkpoints(at, 9, new Identity("", "", ""), w -> {}),
        null,
        Origin.of(Path.of("")));
  }

  private Seen run(String name, Looking how, Objective objective, Listener watch, long stop) {
    Seen seen = new Seen();
    Path at = folder.resolve(name);
    var unused = AskedToStop.run(setup(at, how, objective, watch, new Float32(), seen), stop);
    seen.after.add(weights(seen.model));
    return seen;
  }

  private byte[] optimizer(String run, int step) throws IOException {
    return Files.readAllBytes(
        folder.resolve(run).resolve("step-%09d".formatted(step)).resolve("optimizer.safetensors"));
  }

  @ParameterizedTest
  @CsvSource({"SAM, LOSS", "SAM, GRADIENT", "MARS, LOSS", "MARS, GRADIENT", "MEZO, LOSS"})
  @Proves("diag-instability")
  void batch_whose_second_pass_fails_is_left_out_as_if_it_had_not_been_there(
      Looking how, Fault fault) throws IOException {
    Seen seen = run("seen", how, new FailsAgain(fault, 9, 14), then(Then.SKIP), -1);
    assertThat(seen.reports).hasSize(STEPS);
    assertThat(seen.skipped()).containsExactly(9, 14);
    assertThat(same(seen.after.get(8), seen.after.get(9))).isTrue();
    assertThat(same(seen.after.get(9), seen.after.get(10))).isFalse();
    assertThat(seen.reports.get(9).tokens()).isPositive();
    assertThat(seen.findings).hasSize(2);
    assertThat(seen.findings.get(0).saw())
        .startsWith(fault == Fault.LOSS ? "the loss at other weights" : "the gradient of ")
        .contains("that the optimizer tries was not finite. The batch was left out. Rows [");
    Seen without = run("without", how, new CrossEntropy(), new Refusing(List.of(9, 14)), -1);
    assertThat(same(seen.after.get(STEPS), without.after.get(STEPS))).isTrue();
    assertThat(optimizer("seen", 12)).isEqualTo(optimizer("without", 12));
    assertThat(optimizer("seen", STEPS)).isEqualTo(optimizer("without", STEPS));
  }

  @ParameterizedTest
  @EnumSource(Looking.class)
  @Proves("diag-instability")
  void first_probe_or_pass_that_fails_leaves_the_weights_alone_as_well(Looking how) {
    Objective failing =
        (model, batch, step) ->
            new CrossEntropy()
                .compute(model, batch, step)
                .times(step.number() == 9 ? Double.NaN : 1);
    Seen seen = run("seen", how, failing, then(Then.SKIP), -1);
    assertThat(seen.skipped()).containsExactly(9);
    assertThat(same(seen.after.get(8), seen.after.get(9))).isTrue();
  }

  @ParameterizedTest
  @EnumSource(Looking.class)
  @Proves("diag-instability")
  void run_that_was_stopped_anywhere_meets_such_batches_alike(Looking how) {
    for (Then then : List.of(Then.SKIP, Then.ROLL_BACK)) {
      Seen straight = run("whole-" + then, how, failing(), then(then), -1);
      assertThat(straight.findings).hasSize(3);
      for (int stop : new int[] {3, 6, 7, 10, 13}) {
        String name = then + "-" + stop;
        var unused = run(name, how, failing(), then(then), stop);
        Seen resumed = run(name, how, failing(), then(then), -1);
        assertThat(same(straight.after.get(STEPS), resumed.after.get(resumed.after.size() - 1)))
            .as("stopped after %d", stop)
            .isTrue();
      }
    }
  }

  private static Objective failing() {
    return new FailsAgain(Fault.LOSS, 6, 9, 12);
  }

  @ParameterizedTest
  @EnumSource(Looking.class)
  @Proves("diag-instability")
  void so_many_such_batches_in_a_row_end_the_run_with_the_weights_before_them(Looking how) {
    Objective failing = new FailsAgain(Fault.LOSS, 9, 10, 11, 12, 13);
    Seen seen = run("seen", how, failing, then(Then.SKIP), -1);
    assertThat(seen.reports).hasSize(13);
    assertThat(seen.reports.get(12).verdict()).isEqualTo(Listener.Verdict.STOP);
    assertThat(same(seen.after.get(8), seen.after.get(13))).isTrue();
  }

  @ParameterizedTest
  @EnumSource(Looking.class)
  void where_nobody_refuses_the_batch_the_run_ends_with_an_error_that_says_where(Looking how) {
    Seen seen = new Seen();
    Objective failing = new FailsAgain(Fault.LOSS, 9);
    Trainer trainer =
        new Trainer(
            setup(folder.resolve("run"), how, failing, then(Then.WARN), new Float32(), seen));
    assertThatThrownBy(trainer::run)
        .isInstanceOf(NonFiniteException.class)
        .hasMessageStartingWith("the loss at other weights that the optimizer tries is not finite")
        .hasMessageContaining("at step 10 (rows [");
    Map<String, byte[]> before = seen.after.get(8);
    if (how == Looking.MEZO) { // Within rounding, since nothing was copied.
      Modules.parameters(seen.model)
          .forEach(
              (name, p) ->
                  assertThat(p.value().toDoubles())
                      .containsExactly(floats(before.get(name)), within(1e-6)));
    } else {
      assertThat(same(before, weights(seen.model))).isTrue();
    }
  }

  private static double[] floats(byte[] bytes) {
    var in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    double[] out = new double[bytes.length / Float.BYTES];
    Arrays.setAll(out, i -> in.getFloat(i * Float.BYTES));
    return out;
  }

  @Test
  @Proves("mixed-precision")
  void scaled_gradient_that_overflows_there_skips_the_step_and_halves_the_scale() {
    Seen seen = new Seen();
    Objective failing = new FailsAgain(Fault.GRADIENT, 9);
    Trainer.Setup setup =
        setup(
            folder.resolve("run"),
            Looking.SAM,
            failing,
            then(Then.WARN),
            new Float16(2048, 2000),
            seen);
    new Trainer(setup).run();
    assertThat(seen.skipped()).containsExactly(9);
    assertThat(same(seen.after.get(8), seen.after.get(9))).isTrue();
    assertThat(seen.reports.get(8).scalars()).containsEntry("loss-scale", 2048.0);
    assertThat(seen.reports.get(9).scalars()).containsEntry("loss-scale", 1024.0);
  }
}
