package dev.luthier.train.listener;

import com.google.auto.service.AutoService;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.train.Listener;
import dev.luthier.train.Watched;

/**
 * Measures every so many steps how large an update was, in the three ways that matter, by layer:
 *
 * <ul>
 *   <li>{@code update-l2}: ‖Δθ‖, of the layer's trained weights together;
 *   <li>{@code angle}: by how much the weights of a neuron, a row of a matrix, turned, in radians;
 *       the mean over the layer's trained matrices;
 *   <li>{@code representation-change}: ‖Δy‖ / ‖y‖, y being what the layer's linear layers make of
 *       inputs of this step, and Δy how that changes with the weights alone.
 * </ul>
 *
 * <p>A run that needs a warm-up shows it: in its first steps one of them is larger than ever after.
 * A step that is measured copies the trained weights once, and the inputs of 256 tokens at most.
 * Where updates are part of the backward pass, or a batch is refused, nothing is measured.
 *
 * @param every how many steps lie between two measurements
 * @see <a href="https://arxiv.org/abs/2410.23922">Kosson et al. 2024, sections 3 to 5</a>
 */
@Technique(
    id = "p-warmup-need",
    key = "updates",
    name = "Sizes of updates",
    area = Area.LISTENER,
    paper = "Kosson et al. 2024, arXiv:2410.23922")
@AutoService(Listener.class)
public record UpdateStatistics(int every) implements Listener {
  /** Every ten steps. */
  public UpdateStatistics() {
    this(10);
  }

  /** Checks the range. */
  public UpdateStatistics {
    if (every < 1) {
      throw new IllegalArgumentException("every must be at least 1, not " + every);
    }
  }

  @Override
  public Listener begin(Watched run) {
    return new UpdateWatch(this, run);
  }
}
