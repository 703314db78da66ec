package dev.luthier.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.data.batch.EncodedDataset;
import dev.luthier.model.nn.Modules;
import dev.luthier.tensor.DType;
import dev.luthier.train.BatchOrder;
import dev.luthier.train.Float32;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.GroupSpec;
import dev.luthier.train.Identity;
import dev.luthier.train.Listener;
import dev.luthier.train.Objective;
import dev.luthier.train.Origin;
import dev.luthier.train.Schedule;
import dev.luthier.train.SchedulesSpec;
import dev.luthier.train.TrainSpec;
import dev.luthier.train.TrainSpec.MemorySpec;
import dev.luthier.train.TrainSpec.Mode;
import dev.luthier.train.TrainingException;
import dev.luthier.train.checkpoint.Checkpoints;
import dev.luthier.train.objective.CrossEntropy;
import dev.luthier.train.optim.AdamW;
import dev.luthier.train.optim.Chain;
import dev.luthier.train.optim.ScheduleFree;
import dev.luthier.train.optim.Swa;
import dev.luthier.train.regularizer.ZLoss;
import dev.luthier.train.schedule.ConstantSchedule;
import dev.luthier.train.schedule.LinearSchedule;
import dev.luthier.train.schedule.PlateauSchedule;
import dev.luthier.train.schedule.StepSchedule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Schedules of the learning rate and of other quantities at work in a run. */
class SchedulesTest {
  private static final EncodedDataset DATA = ToyModel.data(40);

  /** A half throughout. */
  private static final Schedule HALF = new StepSchedule(0, 0.5, null, List.of(0L));

  @TempDir private Path folder;

  private static TrainSpec spec(SchedulesSpec schedules, boolean early, GroupSpec... groups) {
    return spec(null, schedules, early, groups);
  }

  private static TrainSpec spec(
      @Nullable Long maxSteps, SchedulesSpec schedules, boolean early, GroupSpec... groups) {
    return new TrainSpec(
        2,
        maxSteps,
        8,
        null,
        1,
        null,
        null,
        0,
        BatchOrder.SIMILAR_LENGTH,
        null,
        2L,
        1L,
        99,
        null,
        new Float32(),
        new MemorySpec(false, true, early),
        List.of(groups),
        1,
        schedules);
  }

  private static AdamW adamw(double decay) {
    return new AdamW(0.05, 0.9, 0.999, 1e-8, decay);
  }

  private record Run(Map<String, double[]> weights, List<Listener.StepReport> steps) {}

  private Run run(
      TrainSpec spec,
      GradientTransform optimizer,
      Objective objective,
      Schedule schedule,
      @Nullable Supplier<Map<String, Double>> validation,
      String at,
      long stopAfter) {
    ToyModel model = new ToyModel(0.1, DType.F32);
    List<Listener.StepReport> seen = new ArrayList<>();
    Listener listener =
        new Listener() {
          @Override
          public Wish stepped(StepReport step) {
            seen.add(step);
            return Wish.NONE;
          }
        };
    var unused =
        AskedToStop.run(
            new Trainer.Setup(
                model,
                objective,
                optimizer,
                schedule,
                DATA,
                ToyModel.collator(),
                spec,
                List.of(listener),
                new Checkpoints(folder.resolve(at), 99, new Identity("r", "d", "b"), w -> {}),
                validation,
                Origin.of(Path.of(""))),
            stopAfter);
    Map<String, double[]> weights = new TreeMap<>();
    Modules.parameters(model).forEach((name, p) -> weights.put(name, p.value().toDoubles()));
    return new Run(weights, seen);
  }

  private Run run(TrainSpec spec, GradientTransform optimizer, String at) {
    return run(spec, optimizer, new CrossEntropy(), new ConstantSchedule(), null, at, -1);
  }

  private static void assertSame(Run a, Run b) {
    a.weights().forEach((name, w) -> assertThat(b.weights().get(name)).as(name).isEqualTo(w));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void a_schedule_of_the_weight_decay_is_a_factor_of_it_in_groups_too(boolean early) {
    GroupSpec own = new GroupSpec(List.of("query"), null, null, 1, 0.8, 1);
    GroupSpec half = new GroupSpec(List.of("query"), null, null, 1, 0.4, 1);
    SchedulesSpec halved = new SchedulesSpec(HALF, null, null);
    Run scheduled = run(spec(halved, early, own), adamw(0.2), "a");
    Run less = run(spec(new SchedulesSpec(), early, half), adamw(0.1), "b");
    Run whole = run(spec(new SchedulesSpec(), early, own), adamw(0.2), "c");
    assertSame(scheduled, less);
    assertThat(scheduled.steps().get(3).scalars()).containsEntry("weight-decay-factor", 0.5);
    assertThat(less.steps().get(3).scalars()).doesNotContainKey("weight-decay-factor");
    assertThat(scheduled.weights().get("key.weight"))
        .isNotEqualTo(whole.weights().get("key.weight"));
    assertThat(scheduled.weights().get("query.weight"))
        .isNotEqualTo(whole.weights().get("query.weight"));
  }

  @Test
  void updates_in_the_backward_pass_are_those_of_the_groups_too() {
    GroupSpec[] groups = {
      new GroupSpec(List.of("query"), null, 0.5, 1, 0.8, 1),
      new GroupSpec(List.of("words"), null, null, 0.1, null, 0)
    };
    Run early = run(spec(new SchedulesSpec(), true, groups), adamw(0.2), "a");
    Run late = run(spec(new SchedulesSpec(), false, groups), adamw(0.2), "b");
    Run plain = run(spec(new SchedulesSpec(), false), adamw(0.2), "c");
    assertSame(early, late);
    assertThat(early.weights().get("query.weight"))
        .isNotEqualTo(plain.weights().get("query.weight"));
  }

  @Test
  void a_schedule_of_the_strength_is_a_factor_of_every_regularizers() {
    SchedulesSpec halved = new SchedulesSpec(null, null, HALF);
    Objective zLoss = new ZLoss(0.5, new CrossEntropy());
    Objective less = new ZLoss(0.25, new CrossEntropy());
    Schedule constant = new ConstantSchedule();
    Run scheduled = run(spec(halved, false), adamw(0), zLoss, constant, null, "a", -1);
    Run half = run(spec(new SchedulesSpec(), false), adamw(0), less, constant, null, "b", -1);
    assertSame(scheduled, half);
  }

  @Test
  void what_has_nothing_to_move_is_refused() {
    assertThatThrownBy(() -> run(spec(new SchedulesSpec(HALF, null, null), false), adamw(0), "a"))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("train.schedules.weight-decay");
    assertThatThrownBy(() -> run(spec(new SchedulesSpec(null, null, HALF), false), adamw(0), "a"))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("train.schedules.strength");
    assertThatThrownBy(() -> new SchedulesSpec(null, new PlateauSchedule(), null))
        .hasMessageContaining("batch is planned before the run");
  }

  private List<String> notes(GradientTransform optimizer, Schedule schedule) {
    return notes(optimizer, schedule, null);
  }

  private List<String> notes(
      GradientTransform optimizer, Schedule schedule, @Nullable Long maxSteps) {
    return new Trainer(
            new Trainer.Setup(
                new ToyModel(0.1, DType.F32),
                new CrossEntropy(),
                optimizer,
                schedule,
                DATA,
                ToyModel.collator(),
                spec(maxSteps, new SchedulesSpec(), false),
                List.of(),
                new Checkpoints(folder.resolve("none"), 1, new Identity("r", "d", "b"), w -> {}),
                null,
                Origin.of(Path.of(""))))
        .notes();
  }

  @Test
  void an_average_over_steps_whose_rate_falls_to_zero_is_told_of() {
    GradientTransform swa = new Chain(List.of(adamw(0), new Swa()));
    for (GradientTransform optimizer : List.of(new ScheduleFree(), swa)) {
      assertThat(notes(optimizer, new LinearSchedule()))
          .singleElement()
          .asString()
          .startsWith("the schedule lets the rate fall to ")
          .endsWith("schedule: {constant: {warmup: 0.1}} suits it better");
      assertThat(notes(optimizer, new ConstantSchedule(0.1))).isEmpty();
    }
    assertThat(notes(adamw(0), new LinearSchedule())).isEmpty();
    assertThat(notes(adamw(0), new StepSchedule(), 1L)).isEmpty();
    assertThat(notes(adamw(0), new LinearSchedule(), 1L))
        .containsExactly(
            "schedule: the rate is zero at the only step, so nothing is learnt; set warmup to 0");
  }

  @Test
  void a_schedule_that_looks_at_evaluations_needs_validation_data() {
    Schedule plateau = new PlateauSchedule();
    assertThatThrownBy(
            () ->
                run(
                    spec(new SchedulesSpec(), false),
                    adamw(0),
                    new CrossEntropy(),
                    plateau,
                    null,
                    "a",
                    -1))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("there are no validation data");
  }

  @Test
  void the_rate_falls_where_evaluations_stand_still_also_after_a_resume_at_any_step() {
    Schedule plateau = new PlateauSchedule("loss", Mode.MIN, 0.5, 0, 0, true, 0, 0, 0);
    TrainSpec spec = spec(new SchedulesSpec(), false);
    Supplier<Map<String, Double>> still = () -> Map.of("loss", 1.0);
    Objective ce = new CrossEntropy();
    Run whole = run(spec, adamw(0), ce, plateau, still, "whole", -1);
    assertThat(whole.steps())
        .extracting(Listener.StepReport::rateFactor)
        .containsExactly(1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125);
    for (int stop = 1; stop < 10; stop++) {
      String at = "stopped-" + stop;
      var unused = run(spec, adamw(0), ce, plateau, still, at, stop);
      Run rest = run(spec, adamw(0), ce, plateau, still, at, -1);
      assertThat(rest.steps()).hasSize(10 - stop);
      assertSame(rest, whole);
    }
  }

  @Test
  void batches_grow_and_a_run_goes_on_with_them_at_any_step() {
    TrainSpec spec = spec(new SchedulesSpec(null, new ConstantSchedule(0.5), null), false);
    Schedule constant = new LinearSchedule();
    Objective ce = new CrossEntropy();
    Run whole = run(spec, adamw(0), ce, constant, null, "whole", -1);
    List<Integer> sizes = whole.steps().stream().map(Listener.StepReport::examples).toList();
    assertThat(sizes.stream().mapToInt(i -> i).sum()).as("two epochs of 40").isEqualTo(80);
    assertThat(sizes.get(0)).isEqualTo(1);
    assertThat(sizes.get(sizes.size() - 1)).isEqualTo(8);
    assertThat(sizes).isSorted();
    for (int stop : new int[] {1, 7, sizes.size() - 1}) {
      String at = "stopped-" + stop;
      var unused = run(spec, adamw(0), ce, constant, null, at, stop);
      assertSame(run(spec, adamw(0), ce, constant, null, at, -1), whole);
    }
  }
}
