package dev.luthier.train.listener;

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
import dev.luthier.train.NonFiniteException;
import dev.luthier.train.Objective;
import dev.luthier.train.Origin;
import dev.luthier.train.TrainSpec;
import dev.luthier.train.TrainSpec.MemorySpec;
import dev.luthier.train.TrainingException;
import dev.luthier.train.checkpoint.Checkpoints;
import dev.luthier.train.listener.Instability.Then;
import dev.luthier.train.loop.AskedToStop;
import dev.luthier.train.loop.ToyModel;
import dev.luthier.train.loop.Trainer;
import dev.luthier.train.objective.CrossEntropy;
import dev.luthier.train.optim.AdamW;
import dev.luthier.train.schedule.LinearSchedule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A loss that is made wild at some steps; steps are counted from 0 here. */
class InstabilityTest {
  private static final EncodedDataset DATA = ToyModel.data(40);

  @TempDir Path folder;
  private int runs;

  private static Instability then(Then then) {
    return new Instability(then, 6, 50, 3, false, 4);
  }

  private static Objective wild(double factor, Integer... at) {
    Objective of = new CrossEntropy();
    return (model, batch, step) -> {
      boolean wild = step.training() && List.of(at).contains((int) step.number());
      return of.compute(model, batch, step).times(wild ? factor : 1);
    };
  }

  private static TrainSpec spec(Integer micro, boolean early) {
    return new TrainSpec(
        4,
        null,
        8,
        micro,
        1,
        early ? 0 : 1,
        BatchOrder.RANDOM,
        null,
        null,
        4L,
        1,
        null,
        new Float32(),
        new MemorySpec(false, true, early));
  }

  private Trainer.Setup setup(
      Path at, Objective objective, Listener watch, TrainSpec spec, Seen seen) {
    return new Trainer.Setup(
        seen.model,
        objective,
        new AdamW(0.05, 0.9, 0.999, 1e-8, 0.01),
        new LinearSchedule(),
        DATA,
        ToyModel.collator(),
        spec,
        List.of(watch, seen),
        new Checkpoints(at, 1, new Identity("", "", ""), w -> {}),
        null,
        Origin.of(Path.of("")));
  }

  private static Map<String, byte[]> weights(ToyModel model) {
    Map<String, byte[]> out = new TreeMap<>();
    Modules.parameters(model).forEach((name, p) -> out.put(name, p.value().toBytes()));
    return out;
  }

  private static boolean same(Map<String, byte[]> a, Map<String, byte[]> b) {
    return a.keySet().stream().allMatch(name -> Arrays.equals(a.get(name), b.get(name)));
  }

  /** What a run did, and the weights after each step. */
  private static final class Seen implements Listener {
    private final ToyModel model;
    private final List<Map<String, byte[]>> after = new ArrayList<>();
    private final List<Verdict> verdicts = new ArrayList<>();
    private final List<Finding> findings = new ArrayList<>();
    private final List<Integer> tokens = new ArrayList<>();

    Seen(ToyModel model) {
      this.model = model;
    }

    @Override
    public Wish stepped(StepReport step) {
      after.add(weights(model));
      verdicts.add(step.verdict());
      tokens.add(step.tokens());
      return Wish.NONE;
    }

    @Override
    public void found(Finding finding) {
      findings.add(finding);
    }
  }

  private Seen run(Objective objective, Instability watch, Integer micro) {
    runs++;
    return run(folder.resolve("run-" + runs), objective, watch, micro);
  }

  private Seen run(Path at, Objective objective, Instability watch, Integer micro) {
    ToyModel model = new ToyModel(0.2, DType.F32);
    Seen seen = new Seen(model);
    var unused = AskedToStop.run(setup(at, objective, watch, spec(micro, false), seen), -1);
    seen.after.add(weights(model));
    return seen;
  }

  @ParameterizedTest
  @ValueSource(doubles = {1000, Double.NaN, Double.POSITIVE_INFINITY})
  @Proves("diag-instability")
  void batch_with_a_spike_is_left_out_and_changes_nothing(double factor) {
    Seen seen = run(wild(factor, 9), then(Then.SKIP), 3);
    assertThat(seen.verdicts).hasSize(20);
    assertThat(seen.verdicts.indexOf(Listener.Verdict.SKIP)).isEqualTo(9);
    assertThat(seen.verdicts.lastIndexOf(Listener.Verdict.SKIP)).isEqualTo(9);
    assertThat(same(seen.after.get(8), seen.after.get(9))).isTrue();
    assertThat(same(seen.after.get(9), seen.after.get(10))).isFalse();
    assertThat(seen.findings).hasSize(1);
    Finding finding = seen.findings.get(0);
    assertThat(finding.step()).isEqualTo(10);
    assertThat(finding.saw()).contains("The batch was left out. Rows [");
    assertThat(finding.remedies()).isNotEmpty();
  }

  @Test
  void refused_batch_is_reported_with_the_tokens_that_were_read() {
    List<Integer> all = run(new CrossEntropy(), then(Then.SKIP), 3).tokens;
    assertThat(run(wild(1000, 9), then(Then.SKIP), 3).tokens).isEqualTo(all);
    assertThat(run(wild(Double.NaN, 9), then(Then.SKIP), null).tokens).isEqualTo(all);
    // Of three parts the first has no finite loss, and the others are not read.
    List<Integer> first = run(wild(Double.NaN, 9), then(Then.SKIP), 3).tokens;
    assertThat(first.get(9)).isPositive().isLessThan(all.get(9));
    assertThat(first.subList(10, 20)).isEqualTo(all.subList(10, 20));
  }

  @Test
  @Proves("diag-instability")
  void the_optimizer_goes_on_from_a_spike_as_if_the_batch_had_not_been_there() {
    Seen spiked = run(wild(1000, 9), then(Then.SKIP), null);
    Seen refused = run(wild(Double.NaN, 9), then(Then.SKIP), 3);
    for (int i = 0; i < 20; i++) {
      assertThat(refused.verdicts.get(i)).isEqualTo(spiked.verdicts.get(i));
    }
  }

  @Test
  @Proves("diag-instability")
  void spike_takes_the_weights_back_to_the_newest_checkpoint_and_the_run_goes_on() {
    Seen seen = run(wild(1000, 10), then(Then.ROLL_BACK), null);
    assertThat(seen.verdicts.get(10)).isEqualTo(Listener.Verdict.ROLL_BACK);
    // Saved after step 7; what step 11 began with shows in a run of which it makes nothing.
    Seen idle = run(wild(Double.NaN, 10, 11), then(Then.ROLL_BACK), null);
    assertThat(same(idle.after.get(7), idle.after.get(11))).isTrue();
    assertThat(same(seen.after.get(7), seen.after.get(11))).isFalse();
  }

  @Test
  @Proves("diag-instability")
  void spike_before_the_first_checkpoint_takes_the_weights_back_to_the_beginning() {
    Seen seen = run(wild(Double.NaN, 2), then(Then.ROLL_BACK), null);
    assertThat(seen.verdicts.get(2)).isEqualTo(Listener.Verdict.ROLL_BACK);
    Map<String, byte[]> beginning = weights(new ToyModel(0.2, DType.F32));
    Seen idle = run(wild(Double.NaN, 2, 3), then(Then.ROLL_BACK), null);
    assertThat(same(beginning, idle.after.get(1))).isFalse();
    assertThat(same(beginning, idle.after.get(3))).isTrue();
    assertThat(same(beginning, seen.after.get(3))).isFalse();
  }

  @Test
  void run_that_rolls_back_unannounced_is_an_error_and_not_left_as_it_is() {
    Listener rash =
        new Listener() {
          @Override
          public Verdict judged(Attempt attempt) {
            return attempt.step() == 2 ? Verdict.ROLL_BACK : Verdict.UPDATE;
          }
        };
    Seen seen = new Seen(new ToyModel(0.2, DType.F32));
    Trainer trainer = new Trainer(setup(folder, new CrossEntropy(), rash, spec(null, false), seen));
    assertThatThrownBy(trainer::run)
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("no checkpoint to roll back to");
  }

  @Test
  @Proves("diag-instability")
  void spike_ends_the_run_with_the_weights_before_it() {
    Seen seen = run(wild(Double.NaN, 9), then(Then.STOP), null);
    assertThat(seen.verdicts).hasSize(10);
    assertThat(same(seen.after.get(8), seen.after.get(10))).isTrue();
  }

  @Test
  void spike_that_is_only_warned_of_is_learnt_from_and_told_once() {
    Seen seen = run(wild(1000, 9, 11), then(Then.WARN), null);
    assertThat(seen.verdicts).hasSize(20).containsOnly(Listener.Verdict.UPDATE);
    assertThat(seen.findings).hasSize(1);
    assertThat(seen.findings.get(0).remedies())
        .anyMatch(r -> r.contains("watch: [{instability: {then: skip}}]"));
  }

  @Test
  void so_many_spikes_in_a_row_end_the_run() {
    Seen seen = run(wild(1000, 9, 10, 11, 12, 13), then(Then.SKIP), null);
    assertThat(seen.verdicts).hasSize(13).endsWith(Listener.Verdict.STOP);
    assertThat(seen.findings.get(3).saw()).contains("the last of 4 in a row");
  }

  @Test
  void gradient_that_stands_out_is_a_spike_where_it_is_watched() {
    Objective steep =
        (model, batch, step) -> {
          var loss = new CrossEntropy().compute(model, batch, step);
          var zero = loss.sum().sub(loss.sum().detach());
          return step.number() == 9 ? loss.adding("steep", zero.mul(1000)) : loss;
        };
    assertThat(run(steep, new Instability(Then.SKIP, 6, 50, 3, true, 4), null).verdicts)
        .contains(Listener.Verdict.SKIP);
    assertThat(run(steep, new Instability(Then.SKIP, 6, 50, 3, false, 4), null).verdicts)
        .doesNotContain(Listener.Verdict.SKIP);
  }

  @Test
  void loss_that_is_not_finite_stays_an_error_where_spikes_are_only_warned_of() {
    assertThatThrownBy(() -> run(wild(Double.NaN, 9), then(Then.WARN), null))
        .isInstanceOf(NonFiniteException.class);
  }

  @ParameterizedTest
  @EnumSource(
      value = Then.class,
      names = {"SKIP", "ROLL_BACK"})
  @Proves("diag-instability")
  void run_that_was_stopped_anywhere_meets_its_spikes_alike(Then then) {
    Objective objective = wild(1e6, 3, 6, 10, 13);
    Seen straight = run(objective, then(then), 3);
    assertThat(straight.findings).hasSize(4);
    for (int stop : new int[] {1, 2, 3, 4, 6, 7, 9, 10, 11, 13, 17}) {
      Path at = folder.resolve("stopped-" + stop);
      Seen first = new Seen(new ToyModel(0.2, DType.F32));
      var unused = AskedToStop.run(setup(at, objective, then(then), spec(3, false), first), stop);
      Seen resumed = run(at, objective, then(then), 3);
      assertThat(same(straight.after.get(20), resumed.after.get(resumed.after.size() - 1)))
          .as("stopped after %d", stop)
          .isTrue();
    }
  }

  @Test
  void batches_cannot_be_left_out_where_updates_are_part_of_the_backward_pass() {
    ToyModel model = new ToyModel(0, DType.F32);
    assertThatThrownBy(
            () ->
                new Trainer(
                    setup(
                        folder,
                        new CrossEntropy(),
                        then(Then.SKIP),
                        spec(null, true),
                        new Seen(model))))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("train.memory.update-in-backward");
    Seen seen = new Seen(model);
    new Trainer(setup(folder, wild(1000, 9), then(Then.WARN), spec(null, true), seen)).run();
    assertThat(seen.findings).hasSize(1);
  }

  @Test
  void ranges_are_checked() {
    assertThatThrownBy(() -> new Instability(Then.SKIP, 0, 50, 3, false, 4))
        .hasMessageContaining("threshold must be above 0");
    assertThatThrownBy(() -> new Instability(Then.SKIP, 6, 2, 3, false, 4))
        .hasMessageContaining("window must be at least warm-up (3)");
  }
}
