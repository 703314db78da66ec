package dev.luthier.train.listener;

import com.google.auto.service.AutoService;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.train.Listener;
import dev.luthier.train.TrainingException;
import dev.luthier.train.Watched;

/**
 * Watches the training loss for spikes, swings and divergence. A batch whose loss stands out above
 * those before it, or whose loss or gradient is not finite, is a spike; what becomes of it is
 * decided when its loss and gradients are known, before they have changed anything. Skipping it
 * leaves weights and optimizer as they are; rolling back takes them to the newest checkpoint, which
 * before any other is one of the beginning, and leaves out the batches since, which is what
 * training PaLM took.
 *
 * <pre>
 *   h = (ln L − med ln w) / max(1.4826 MAD ln w, 0.05) > threshold
 * </pre>
 *
 * <p>w are the last losses that were no spikes. A loss below a tenth of that at the beginning is
 * none, however far it stands out. What is kept of them stands in the checkpoints, so that a
 * resumed run decides alike. A loss that is not finite is an error with {@code warn}, as it is
 * without this listener.
 *
 * <p>An optimizer may compute the batch again at other weights (SAM, MARS in its exact form, MeZO).
 * What is not finite there is a spike too, and the weights are back where they were before. MeZO
 * moves them in place, so beside it they are copied, unless {@code then} is {@code warn}.
 *
 * @param then what becomes of a spike
 * @param threshold how many deviations above the median a spike stands, above 0
 * @param window how many losses are looked back on
 * @param warmUp how many losses must be known before one of them can be a spike
 * @param gradients whether a gradient norm that stands out makes a spike too
 * @param most so many spikes in a row end the run, since then it is not the batches
 * @see <a href="https://arxiv.org/abs/2204.02311">Chowdhery et al. 2022, section 5.1</a>
 */
@Technique(
    id = "diag-instability",
    key = "instability",
    name = "Spikes, swings and divergence of the loss",
    area = Area.LISTENER,
    paper = "Chowdhery et al. 2022, arXiv:2204.02311")
@AutoService(Listener.class)
public record Instability(
    Then then, double threshold, int window, int warmUp, boolean gradients, int most)
    implements Listener {
  /** Six deviations above the last fifty, said and not acted upon. */
  public Instability() {
    this(Then.WARN, 6, 50, 10, false, 5);
  }

  /** Checks the ranges. */
  public Instability {
    require(
        threshold > 0 && Double.isFinite(threshold), "threshold must be above 0, not " + threshold);
    require(warmUp >= 2, "warm-up must be at least 2, not " + warmUp);
    require(window >= warmUp, "window must be at least warm-up (" + warmUp + "), not " + window);
    require(most >= 1, "most must be at least 1, not " + most);
  }

  /** What becomes of a spike. */
  public enum Then {
    /** It is said, and the weights are updated all the same. */
    WARN,
    /** The batch is left out. */
    SKIP,
    /** Weights and optimizer go back to the newest checkpoint. */
    ROLL_BACK,
    /** The run ends, with the weights before the spike. */
    STOP
  }

  @Override
  public boolean refuses() {
    return then != Then.WARN;
  }

  @Override
  public Listener begin(Watched run) {
    if (then != Then.WARN && run.spec().memory().updateInBackward()) {
      throw new TrainingException(
          "watch: instability can only warn where train.memory.update-in-backward is on, since a"
              + " spike is known when the weights have changed already; leave one of the two out");
    }
    return new SpikeWatch(this, run);
  }

  private static void require(boolean ok, String message) {
    if (!ok) {
      throw new IllegalArgumentException(message);
    }
  }
}
