package dev.luthier.train.listener;

import com.google.auto.service.AutoService;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.train.Finding;
import dev.luthier.train.Listener;
import dev.luthier.train.Watched;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Saves as often as machines that are taken away make worth it, and says how often that is. A
 * checkpoint costs δ; without one, a failure costs all that was done since the last. With M between
 * two failures on average, the least is lost where they are
 *
 * <pre>
 *   τ = √(2 δ M)                                                  (Young)
 *   τ = √(2 δ M) [1 + ⅓ √(δ / 2M) + ⅑ (δ / 2M)] − δ,  M if δ ≥ 2M  (Daly)
 * </pre>
 *
 * <p>apart. δ is measured: the first step is saved for that, and every checkpoint since counts.
 * Checkpoints that {@code train.save-every} asks for are saved as well.
 *
 * @param hoursBetweenFailures M, above 0
 * @see <a href="https://doi.org/10.1145/361147.361115">Young 1974</a>
 * @see <a href="https://doi.org/10.1016/j.future.2004.11.016">Daly 2006, equation 37</a>
 */
@Technique(
    id = "spot-resilience",
    key = "checkpoint-interval",
    name = "Checkpoint interval of Young and Daly",
    area = Area.LISTENER,
    paper = "Young 1974, doi:10.1145/361147.361115; Daly 2006, doi:10.1016/j.future.2004.11.016")
@AutoService(Listener.class)
public record CheckpointInterval(double hoursBetweenFailures) implements Listener {
  private static final String TOPIC = "checkpoint-interval";
  private static final double NANOS = 1e9;
  private static final double HOUR = 3600;

  /** A machine that is taken away once in four hours. */
  public CheckpointInterval() {
    this(4);
  }

  /** Checks the range. */
  public CheckpointInterval {
    if (!(hoursBetweenFailures > 0 && Double.isFinite(hoursBetweenFailures))) {
      throw new IllegalArgumentException(
          "hours-between-failures must be above 0, not " + hoursBetweenFailures);
    }
  }

  /**
   * Young's interval.
   *
   * @param save δ, what a checkpoint takes
   * @param failure M, the mean time between failures, in the same unit
   */
  public static double young(double save, double failure) {
    return Math.sqrt(2 * save * failure);
  }

  /**
   * Daly's interval, of which Young's is the first term.
   *
   * @param save δ, what a checkpoint takes
   * @param failure M, the mean time between failures, in the same unit
   */
  public static double daly(double save, double failure) {
    double part = save / (2 * failure);
    return part < 1 ? young(save, failure) * (1 + Math.sqrt(part) / 3 + part / 9) - save : failure;
  }

  /**
   * The part of the time that is lost: to saving, and to doing again what a failure took.
   *
   * @param interval between checkpoints
   */
  public static double lost(double interval, double save, double failure) {
    return save / interval + (interval + save) / (2 * failure);
  }

  @Override
  public Listener begin(Watched run) {
    return watch(run, System::nanoTime);
  }

  Listener watch(Watched run, LongSupplier clock) {
    return new Watch(run, HOUR * hoursBetweenFailures, clock);
  }

  private static final class Watch implements Listener {
    private final Watched run;
    private final double failure;
    private final LongSupplier clock;
    private long last;
    private long steps;
    private double stepSeconds;
    private double saveSeconds;
    private int saves;
    private double epoch;
    private boolean told;

    Watch(Watched run, double failure, LongSupplier clock) {
      this.run = run;
      this.failure = failure;
      this.clock = clock;
    }

    @Override
    public void started(RunInfo info) {
      last = clock.getAsLong();
    }

    @Override
    public Wish stepped(StepReport r) {
      epoch = r.epoch();
      steps++;
      stepSeconds += r.nanos() / NANOS;
      if (saves == 0) {
        return Wish.SAVE;
      }
      double since = (clock.getAsLong() - last) / NANOS;
      return since >= daly(save(), failure) ? Wish.SAVE : Wish.NONE;
    }

    @Override
    public void saved(long step, long nanos) {
      saves++;
      saveSeconds += nanos / NANOS;
      last = clock.getAsLong();
      // The first step of a run is slow, and so is the first checkpoint.
      if (!told && saves > 1) {
        told = true;
        advise(step);
      }
    }

    private double save() {
      return saveSeconds / saves;
    }

    private void advise(long step) {
      double interval = daly(save(), failure);
      double each = stepSeconds / steps;
      long every = Math.max(1, Math.round(interval / each));
      String saw =
          String.format(
              Locale.ROOT,
              "a checkpoint takes %.3g s and a step %.3g s, so with a failure every %.3g h they are"
                  + " best saved %.3g s apart, every %d steps (Young: %.3g s). So %.2g %% of the"
                  + " time is lost.",
              save(),
              each,
              failure / HOUR,
              interval,
              every,
              young(save(), failure),
              100 * lost(interval, save(), failure));
      run.audience()
          .found(new Finding(TOPIC, step, epoch, saw, List.of("train.save-every: " + every)));
    }
  }
}
