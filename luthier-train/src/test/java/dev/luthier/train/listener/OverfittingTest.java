package dev.luthier.train.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.tensor.DType;
import dev.luthier.testing.Proves;
import dev.luthier.train.Finding;
import dev.luthier.train.Identity;
import dev.luthier.train.Listener;
import dev.luthier.train.Listener.Evaluation;
import dev.luthier.train.Listener.Outcome;
import dev.luthier.train.Listener.RunInfo;
import dev.luthier.train.Listener.StepReport;
import dev.luthier.train.Listener.Verdict;
import dev.luthier.train.Origin;
import dev.luthier.train.TrainSpec;
import dev.luthier.train.Watched;
import dev.luthier.train.loop.ToyModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OverfittingTest {
  private final List<Finding> said = new ArrayList<>();

  private Watched run(Set<String> drawn) {
    return new Watched(
        new ToyModel(0, DType.F32),
        Map.of(),
        new TrainSpec(),
        new Identity("", "", ""),
        new Origin(Path.of(""), List.of(), null, drawn),
        new Listener() {
          @Override
          public void found(Finding finding) {
            said.add(finding);
          }
        });
  }

  private static StepReport step(long n, double perEpoch, double loss) {
    return new StepReport(n, (n + 1) / perEpoch, loss, Map.of(), 1, 1, 8, 80, 1, Verdict.UPDATE);
  }

  private static Evaluation evaluation(long epoch, double loss) {
    return new Evaluation(epoch * 2, epoch, Map.of("loss", loss));
  }

  @Test
  @Proves("diag-overfit")
  void says_once_what_it_saw_and_what_to_try_also_across_a_resume() {
    double[] training = {2.0, 1.5, 1.0, 0.6, 0.3, 0.2};
    double[] validation = {1.9, 1.6, 1.4, 1.5, 1.7, 1.9};
    Listener watch = new Overfitting().begin(run(Set.of()));
    for (int i = 0; i < 6; i++) {
      watch.stepped(step(2L * i, 2, training[i] + 0.1));
      watch.stepped(step(2L * i + 1, 2, training[i] - 0.1));
      watch.evaluated(evaluation(i + 1, validation[i]));
      Listener resumed = new Overfitting().begin(run(Set.of()));
      resumed.restore(watch.state());
      watch = resumed;
    }
    assertThat(said).hasSize(1);
    Finding found = said.get(0);
    assertThat(found.epoch()).isEqualTo(5);
    assertThat(found.saw())
        .contains("lowest (1.400) at epoch 3.00 and has risen to 1.700", "1.000 to 0.3000");
    assertThat(found.remedies().get(0)).contains("train.early-stopping");
    assertThat(found.remedies().get(1)).contains("train.epochs: 3");
  }

  @Test
  @Proves("diag-underfit")
  void says_at_the_end_that_too_little_was_learnt_with_the_runs_facts() {
    Listener watch = new Underfitting().begin(run(Set.of("classifier.weight")));
    watch.started(new RunInfo(0, 60, 20, 160));
    for (int i = 0; i < 60; i++) {
      watch.stepped(step(i, 20, 4.3 - 0.01 * i));
      if (i == 30) {
        Listener resumed = new Underfitting().begin(run(Set.of("classifier.weight")));
        resumed.restore(watch.state());
        resumed.started(new RunInfo(31, 60, 20, 160));
        watch = resumed;
      }
    }
    watch.finished(new Outcome(60, false, "asked to stop", 60));
    assertThat(said).as("a run that will go on").isEmpty();
    watch.finished(new Outcome(60, true, "all steps made", 60));
    assertThat(said).hasSize(1);
    assertThat(said.get(0).saw()).contains("ended at 3.7", "87 %", "still falling");
    assertThat(said.get(0).remedies().get(0)).contains("train.epochs: 6");
  }

  @Test
  @Proves("diag-underfit")
  void says_nothing_of_a_run_of_a_few_steps() {
    for (int steps : new int[] {1, 2, 5, 6, 12, 29}) {
      Listener watch = new Underfitting().begin(run(Set.of("classifier.weight")));
      watch.started(new RunInfo(0, steps, 1, 8));
      for (int i = 0; i < steps; i++) {
        watch.stepped(step(i, 1, 4.3));
      }
      watch.finished(new Outcome(steps, true, "all steps made", steps));
      assertThat(said).as("%d steps", steps).isEmpty();
    }
    Listener watch = new Underfitting().begin(run(Set.of("classifier.weight")));
    watch.started(new RunInfo(0, 30, 10, 80));
    for (int i = 0; i < 30; i++) {
      watch.stepped(step(i, 10, 4.3));
    }
    watch.finished(new Outcome(30, true, "all steps made", 30));
    assertThat(said).hasSize(1);
  }

  @Test
  void says_nothing_of_a_run_that_learnt() {
    Listener watch = new Underfitting().begin(run(Set.of("classifier.weight")));
    watch.started(new RunInfo(0, 60, 20, 160));
    for (int i = 0; i < 60; i++) {
      watch.stepped(step(i, 20, 4.3 * Math.exp(-0.1 * i)));
    }
    watch.finished(new Outcome(60, true, "all steps made", 60));
    assertThat(said).isEmpty();
  }
}
