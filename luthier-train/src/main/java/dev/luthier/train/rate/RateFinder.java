package dev.luthier.train.rate;

import dev.luthier.model.Model;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Identity;
import dev.luthier.train.Listener;
import dev.luthier.train.NonFiniteException;
import dev.luthier.train.SchedulesSpec;
import dev.luthier.train.TrainSpec;
import dev.luthier.train.TrainingException;
import dev.luthier.train.checkpoint.Checkpoints;
import dev.luthier.train.loop.Trainer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Tries ever higher learning rates, one a step, with everything else as the run will have it, and
 * sees at which the loss falls the fastest and at which it diverges. What is trained is put back to
 * the bit.
 *
 * @see <a href="https://arxiv.org/abs/1506.01186">Smith 2017, section 3.3</a>
 */
public final class RateFinder {
  private RateFinder() {}

  /** Ends a run without a checkpoint, which stopping it would write. */
  private static final class SweepEnded extends RuntimeException {
    private static final long serialVersionUID = 1;

    SweepEnded() {
      super(null, null, false, false);
    }
  }

  /**
   * Sweeps. The adaptations must be applied; the precision stays applied afterwards, as it does
   * after a run.
   *
   * @param run as the trainer will get it; its schedule, listeners and checkpoints are not used
   * @param peak the rate of the optimizer that the factor 1 of a schedule stands for, above 0
   * @param each told of every rate that was tried
   * @throws TrainingException if the first loss is not finite already, or if other quantities than
   *     the rate are scheduled: what moves with the rate hides what the rate does
   */
  public static RateCurve find(
      Trainer.Setup run, double peak, RateSweep sweep, Consumer<RateCurve.Point> each) {
    if (!(peak > 0 && Double.isFinite(peak))) {
      throw new IllegalArgumentException("the optimizer's rate must be above 0, not " + peak);
    }
    requireUnscheduled(run.spec().schedules());
    var unused = run.spec().precision().apply(run.model());
    Map<Parameter, Tensor> saved = copy(run.model());
    try {
      return sweep(run, peak, sweep, each);
    } finally {
      restore(saved);
    }
  }

  private static void requireUnscheduled(SchedulesSpec schedules) {
    if (!schedules.keys().isEmpty()) {
      throw new TrainingException(
          "train.schedules: "
              + String.join(", ", schedules.keys())
              + " would move with the rate, and the loss would not tell which of them changed it;"
              + " look for the rate without them: --set train.schedules={}");
    }
  }

  private static Map<Parameter, Tensor> copy(Model model) {
    Map<Parameter, Tensor> out = new LinkedHashMap<>();
    try (Scope scope = Scope.open()) {
      for (Parameter p : Modules.parameters(model).values()) {
        if (p.trainable()) {
          out.put(p, p.value().detach().copy().keep());
        }
      }
    }
    return out;
  }

  private static void restore(Map<Parameter, Tensor> saved) {
    try (Scope scope = Scope.open()) {
      saved.forEach(
          (p, value) -> {
            p.set(value, value.dtype());
            value.close();
          });
    }
  }

  private static RateCurve sweep(
      Trainer.Setup run, double peak, RateSweep sweep, Consumer<RateCurve.Point> each) {
    RateCurve.Recording recording = new RateCurve.Recording(sweep);
    Listener listener =
        new Listener() {
          @Override
          public Wish stepped(StepReport step) {
            boolean goesOn = recording.add(step.loss());
            recording.newest(step.step()).ifPresent(each);
            if (!goesOn) {
              throw new SweepEnded();
            }
            return Wish.NONE;
          }
        };
    Path folder = temporary();
    try {
      var unused = new Trainer(setup(run, peak, sweep, listener, folder)).run();
    } catch (SweepEnded e) {
      // All rates were tried, or the loss left its bounds.
    } catch (NonFiniteException e) {
      if (recording.isEmpty()) {
        throw e;
      }
      recording.diverge();
    } finally {
      delete(folder);
    }
    return recording.curve();
  }

  private static Trainer.Setup setup(
      Trainer.Setup run, double peak, RateSweep sweep, Listener listener, Path folder) {
    return new Trainer.Setup(
        run.model(),
        run.objective(),
        run.optimizer(),
        (step, steps) -> sweep.rate(step) / peak,
        run.data(),
        run.collator(),
        spec(run.spec(), sweep.steps()),
        List.of(listener),
        new Checkpoints(folder, 1, new Identity("", "", ""), warning -> {}),
        null,
        run.origin());
  }

  /** As many epochs as it takes, and nothing saved or evaluated on the way. */
  private static TrainSpec spec(TrainSpec s, long steps) {
    return new TrainSpec(
        steps + 1.0,
        steps + 1,
        s.batch(),
        s.microBatch(),
        s.seed(),
        s.initSeed(),
        s.dataSeed(),
        s.clipNorm(),
        s.order(),
        s.batchTokens(),
        steps + 2,
        steps + 2,
        1,
        null,
        s.precision(),
        s.memory(),
        s.groups(),
        s.layerDecay(),
        new SchedulesSpec());
  }

  /** For what frozen layers give, where that is more than memory holds. */
  private static Path temporary() {
    try {
      return Files.createTempDirectory("luthier-rates");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path folder) {
    try (var files = Files.list(folder)) {
      for (Path f : files.toList()) {
        Files.deleteIfExists(f);
      }
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      // A folder of the system for temporary files; it is emptied by others.
    }
  }
}
