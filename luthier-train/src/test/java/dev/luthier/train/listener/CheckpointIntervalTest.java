package dev.luthier.train.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.tensor.DType;
import dev.luthier.testing.Proves;
import dev.luthier.train.Finding;
import dev.luthier.train.Identity;
import dev.luthier.train.Listener;
import dev.luthier.train.Listener.RunInfo;
import dev.luthier.train.Listener.StepReport;
import dev.luthier.train.Listener.Verdict;
import dev.luthier.train.Listener.Wish;
import dev.luthier.train.Origin;
import dev.luthier.train.TrainSpec;
import dev.luthier.train.Watched;
import dev.luthier.train.loop.ToyModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CheckpointIntervalTest {
  private static final long SECOND = 1_000_000_000L;

  private final List<Finding> said = new ArrayList<>();
  private long now;

  /** A save of ten seconds, a failure every four hours: √(2 · 10 · 14400) is 537 seconds. */
  @Test
  @Proves("spot-resilience")
  void intervals_are_those_of_young_and_daly() {
    assertThat(CheckpointInterval.young(10, 14400)).isCloseTo(536.656, within(1e-3));
    double part = 10 / 28800.0;
    assertThat(CheckpointInterval.daly(10, 14400))
        .isCloseTo(536.656 * (1 + Math.sqrt(part) / 3 + part / 9) - 10, within(1e-2));
    assertThat(CheckpointInterval.daly(100, 40)).as("a save outlasts the machine").isEqualTo(40);
  }

  @Test
  @Proves("spot-resilience")
  void no_other_interval_loses_less() {
    for (double save : new double[] {0.1, 10, 60}) {
      double best = CheckpointInterval.daly(save, 14400);
      double lost = CheckpointInterval.lost(best, save, 14400);
      assertThat(CheckpointInterval.lost(best * 0.7, save, 14400)).isGreaterThan(lost);
      assertThat(CheckpointInterval.lost(best * 1.4, save, 14400)).isGreaterThan(lost);
    }
  }

  private Watched run() {
    return new Watched(
        new ToyModel(0, DType.F32),
        Map.of(),
        new TrainSpec(),
        new Identity("", "", ""),
        Origin.of(Path.of("")),
        new Listener() {
          @Override
          public void found(Finding finding) {
            said.add(finding);
          }
        });
  }

  @Test
  @Proves("spot-resilience")
  void saves_by_measured_times_and_says_how_often() {
    Listener watch = new CheckpointInterval(4).watch(run(), () -> now);
    watch.started(new RunInfo(0, 1000, 100, 800));
    List<Long> saved = new ArrayList<>();
    for (long n = 0; n < 1000; n++) {
      now += 2 * SECOND;
      Wish wish =
          watch.stepped(
              new StepReport(n, n / 100.0, 1, Map.of(), 1, 1, 8, 80, 2 * SECOND, Verdict.UPDATE));
      if (wish == Wish.SAVE) {
        now += 10 * SECOND;
        saved.add(n + 1);
        watch.saved(n + 1, 10 * SECOND);
      }
    }
    assertThat(saved).startsWith(1L, 267L, 533L, 799L).hasSize(4);
    assertThat(said).hasSize(1);
    assertThat(said.get(0).saw())
        .contains("a checkpoint takes 10.0 s and a step 2.00 s", "every 265 steps");
    assertThat(said.get(0).remedies()).containsExactly("train.save-every: 265");
  }

  @Test
  void ranges_are_checked() {
    assertThatThrownBy(() -> new CheckpointInterval(0))
        .hasMessageContaining("hours-between-failures must be above 0");
  }
}
