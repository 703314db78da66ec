package dev.luthier.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.tensor.DType;
import dev.luthier.testing.Proves;
import dev.luthier.train.Finding;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Identity;
import dev.luthier.train.Listener;
import dev.luthier.train.Origin;
import dev.luthier.train.Schedule;
import dev.luthier.train.SchedulesSpec;
import dev.luthier.train.TrainSpec;
import dev.luthier.train.TrainingException;
import dev.luthier.train.checkpoint.Checkpoints;
import dev.luthier.train.listener.LayerStatistics;
import dev.luthier.train.listener.UpdateStatistics;
import dev.luthier.train.objective.CrossEntropy;
import dev.luthier.train.optim.AdamW;
import dev.luthier.train.optim.BAdam;
import dev.luthier.train.optim.Chain;
import dev.luthier.train.optim.Sgd;
import dev.luthier.train.optim.Split;
import dev.luthier.train.optim.Swa;
import dev.luthier.train.schedule.ConstantSchedule;
import dev.luthier.train.schedule.InverseSqrtSchedule;
import dev.luthier.train.schedule.PlateauSchedule;
import dev.luthier.train.schedule.PowerSchedule;
import dev.luthier.train.schedule.StepSchedule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Settings that count steps, in runs of so many. */
class OutlookTest {
  private static final List<String> LAYERS =
      List.of("layer.0.w", "layer.1.w", "layer.2.w", "layer.3.w", "classifier.weight");

  @TempDir Path folder;

  private static Outlook of(long steps, long evaluations) {
    return new Outlook(new TrainSpec(), steps, evaluations);
  }

  private static List<String> notes(GradientTransform optimizer, long steps) {
    return of(steps, 0).notes(optimizer, new ConstantSchedule(), LAYERS);
  }

  private static List<String> notes(Schedule schedule, long steps) {
    return of(steps, 3).notes(new AdamW(), schedule, LAYERS);
  }

  private static GradientTransform averaged(double from, int every) {
    return new Chain(List.of(new AdamW(), new Swa(from, every)));
  }

  @ParameterizedTest
  @CsvSource({"0.75, 101", "0.75, 51", "0.75, 70", "0.995, 2", "0.999, 3"})
  @Proves("swa")
  void an_average_that_no_step_would_go_into_is_refused(double from, int every) {
    assertThatThrownBy(() -> notes(averaged(from, every), 100))
        .isInstanceOf(TrainingException.class)
        .hasMessageStartingWith("optimizer: swa would never average: it begins after ")
        .hasMessageEndingWith("lower from or every");
  }

  @ParameterizedTest
  @CsvSource({"0.75, 100", "0.75, 80", "0.99, 1", "0, 100"})
  void an_average_of_one_step_is_not(double from, int every) {
    assertThat(notes(averaged(from, every), 100)).isEmpty();
  }

  @Test
  void a_run_with_such_an_average_is_refused_before_it_starts() {
    assertThatThrownBy(() -> trainer(averaged(0.5, 11), new ConstantSchedule(), List.of()))
        .isInstanceOf(TrainingException.class)
        .hasMessage(
            "optimizer: swa would never average: it begins after 5 of the run's 10 steps, and takes"
                + " every 11th; lower from or every");
    trainer(averaged(0.5, 10), new ConstantSchedule(), List.of()).run();
  }

  @Test
  @Proves("opt-badam")
  void blocks_that_will_have_no_turn_are_told_of() {
    assertThat(notes(new BAdam(), 150))
        .containsExactly(
            "optimizer: badam: 3 of 4 blocks have a turn, of 50 steps each, in a run of 150; the"
                + " others are not trained. For a whole round, set steps to at most 37");
    assertThat(notes(new BAdam(), 151)).isEmpty();
    assertThat(notes(new BAdam(), 3))
        .singleElement()
        .asString()
        .endsWith("the others are not trained. A whole round takes a longer run");
    GradientTransform part =
        new Split(List.of("layer.0", "layer.1", "layer.2"), new Sgd(), new BAdam());
    assertThat(notes(part, 50)).isEmpty(); // One layer is left to it.
    GradientTransform most = new Split(List.of("layer.0"), new Sgd(), new BAdam());
    assertThat(notes(new Chain(List.of(most)), 50))
        .singleElement()
        .asString()
        .startsWith("optimizer: badam: 1 of 3 blocks");
  }

  @Test
  @Proves("sched-step")
  void steps_of_a_schedule_that_all_lie_beyond_the_run_are_refused_and_some_are_told_of() {
    assertThatThrownBy(() -> notes(new StepSchedule(0, 0.5, 100L, List.of()), 100))
        .isInstanceOf(TrainingException.class)
        .hasMessage(
            "schedule: step changes nothing every 100 steps, since the run has 100 steps, counted"
                + " from 0; lower every, or choose constant");
    assertThat(notes(new StepSchedule(0, 0.5, 99L, List.of()), 100)).isEmpty();
    assertThatThrownBy(() -> notes(new StepSchedule(0, 0.5, null, List.of(100L, 200L)), 100))
        .hasMessageContaining("at [100, 200]");
    assertThat(notes(new StepSchedule(0, 0.5, null, List.of(99L, 200L)), 100))
        .containsExactly("schedule: step: [200] of at lie beyond the run's 100 steps");
    assertThat(notes(new StepSchedule(), 1)).isEmpty();
  }

  @Test
  void schedules_of_other_quantities_are_told_by_their_keys() {
    Schedule beyond = new StepSchedule(0, 0.5, 100L, List.of());
    TrainSpec plain = new TrainSpec();
    TrainSpec spec =
        new TrainSpec(
            1,
            null,
            32,
            null,
            0,
            null,
            null,
            1,
            plain.order(),
            null,
            null,
            null,
            2,
            null,
            plain.precision(),
            plain.memory(),
            List.of(),
            1,
            new SchedulesSpec(beyond, null, null));
    assertThatThrownBy(
            () -> new Outlook(spec, 9, 0).notes(new AdamW(), new ConstantSchedule(), LAYERS))
        .hasMessageStartingWith("train.schedules.weight-decay: step changes nothing");
  }

  @Test
  void warm_ups_that_do_not_end_within_the_run_are_told_of() {
    assertThat(notes(new InverseSqrtSchedule(4000), 401))
        .containsExactly(
            "schedule: inverse-sqrt warms up over 4000 steps, and the run has 401, so the rate rises"
                + " to 10.0 % of its peak and never falls; lower steps");
    assertThat(notes(new InverseSqrtSchedule(400), 401)).isEmpty();
    assertThat(notes(new PowerSchedule(1e-4, 8, 100, 4, -0.51, 5000, 0.1), 50))
        .containsExactly(
            "schedule: power warms up over 5000 tokens, and the run has about 5000, so the warm-up"
                + " never ends; lower warmup-tokens");
    assertThat(notes(new PowerSchedule(1e-4, 8, 100, 4, -0.51, 5000, 0.1), 51)).isEmpty();
  }

  @Test
  @Proves("sched-plateau")
  void patience_beyond_the_evaluations_is_told_of() {
    Schedule plateau = new PlateauSchedule(); // patience 2
    List<String> notes = of(100, 3).notes(new AdamW(), plateau, LAYERS);
    assertThat(notes)
        .containsExactly(
            "schedule: plateau changes nothing before 4 evaluations, and the run has 3 that steps"
                + " follow; lower patience or train.evaluate-every");
    assertThat(of(100, 4).notes(new AdamW(), plateau, LAYERS)).isEmpty();
  }

  @Test
  void what_watches_and_never_looks_says_so_at_the_beginning() {
    List<String> found = new ArrayList<>();
    Listener hears =
        new Listener() {
          @Override
          public void found(Finding finding) {
            found.add(finding.line());
          }
        };
    trainer(
            new AdamW(),
            new ConstantSchedule(),
            List.of(
                new LayerStatistics(11, 5, 1e-3),
                new UpdateStatistics(10),
                new LayerStatistics(10, 5, 1e-3),
                hears))
        .run();
    assertThat(found)
        .containsExactly(
            "layers: it looks every 11 steps, and the run has 10, so it never looks. Try: a lower"
                + " every, at most 10, of layers in watch");
  }

  private Trainer trainer(
      GradientTransform optimizer, Schedule schedule, List<Listener> listeners) {
    return new Trainer(
        new Trainer.Setup(
            new ToyModel(0, DType.F32),
            new CrossEntropy(),
            optimizer,
            schedule,
            ToyModel.data(40),
            ToyModel.collator(),
            new TrainSpec(
                2,
                null,
                8,
                null,
                1,
                1,
                new TrainSpec().order(),
                null,
                null,
                null,
                1,
                null,
                new TrainSpec().precision(),
                new TrainSpec().memory()),
            listeners,
            new Checkpoints(folder, 1, new Identity("", "", ""), w -> {}),
            null,
            Origin.of(Path.of(""))));
  }
}
