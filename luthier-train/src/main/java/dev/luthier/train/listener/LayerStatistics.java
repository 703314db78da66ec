package dev.luthier.train.listener;

import com.google.auto.service.AutoService;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.train.Listener;
import dev.luthier.train.Watched;

/**
 * Measures the layers of the model every so many steps, and says when something is wrong with one:
 *
 * <ul>
 *   <li>{@code gradient-norm}: the norm of the gradient of its trained weights, before clipping;
 *   <li>{@code update-ratio}: the norm of what a step adds to its weights, by their norm. About a
 *       thousandth is usual;
 *   <li>{@code output-norm}: the root of the mean square of what its linear layers give;
 *   <li>{@code dead-units}: of the units behind its activation function (ReLU, GELU, SiLU), the
 *       part that no token made larger than {@code silent} in the last {@code window} steps;
 *   <li>{@code output-l2}, of every single linear layer, where {@code linears} asks for it: the
 *       norm of what it gives for a token, as the root of its mean square over tokens. Where a run
 *       is about to diverge it grows from step to step.
 * </ul>
 *
 * <p>It costs nothing but in those steps, in which the trained weights are copied once. Layers that
 * are frozen have outputs and units only, and none where they are not run. Where updates are part
 * of the backward pass, gradients and updates are not measured. A window that a resume falls into
 * begins anew.
 *
 * @param every how many steps lie between two measurements
 * @param window how many steps before a measurement a unit is looked at
 * @param silent how large an activation is that does not count
 * @param linears whether the outputs of every single linear layer are measured
 * @see <a href="https://arxiv.org/abs/1211.5063">Pascanu et al. 2013</a>
 * @see <a href="https://arxiv.org/abs/2410.16682">Rybakov et al. 2024, on norms of outputs</a>
 */
@Technique(
    id = "diag-instability",
    key = "layers",
    name = "Statistics of layers",
    area = Area.LISTENER,
    paper = "Pascanu et al. 2013, arXiv:1211.5063")
@AutoService(Listener.class)
public record LayerStatistics(int every, int window, double silent, boolean linears)
    implements Listener {
  /** Every fifty steps, of which the last five are looked at. */
  public LayerStatistics() {
    this(50, 5, 1e-3, false);
  }

  /** Without the outputs of single linear layers. */
  public LayerStatistics(int every, int window, double silent) {
    this(every, window, silent, false);
  }

  /** Checks the ranges. */
  public LayerStatistics {
    if (every < 1) {
      throw new IllegalArgumentException("every must be at least 1, not " + every);
    }
    if (window < 1 || window > every) {
      throw new IllegalArgumentException(
          "window must be from 1 to every (" + every + "), not " + window);
    }
    if (!(silent >= 0)) {
      throw new IllegalArgumentException("silent must be at least 0, not " + silent);
    }
  }

  @Override
  public boolean copiesWeights() {
    return true;
  }

  @Override
  public Listener begin(Watched run) {
    return new LayerWatch(this, run);
  }
}
