package dev.luthier.run.preset;

import com.google.auto.service.AutoService;
import dev.luthier.recipe.Preset;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import java.util.List;

/**
 * Strong regularization against forgetting: the weights are drawn to where they began instead of to
 * zero (L2-SP), more is dropped, and the run ends when the validation loss no longer falls. The
 * stronger, the nearer the weights stay to the pre-trained ones. It needs validation data.
 *
 * <pre>
 *   objective:  l2-sp with α = strength / 10 and β = strength / 100, around dropout of p
 *   optimizer:  adamw without weight decay
 *   train:      early-stopping on the loss
 * </pre>
 *
 * <p>The loss inside is cross-entropy; for a task with another one the recipe names it as {@code
 * of} the dropout, which is {@code of} the L2-SP.
 *
 * @param strength how strongly weights are held, above 0
 * @param dropout p, in [0, 1)
 * @param patience evaluations without progress before the run ends
 */
@Technique(
    id = "strong-reg",
    name = "Strong regularization",
    area = Area.PRESET,
    paper = "Li et al. 2018, arXiv:1802.01483 (L2-SP)")
@AutoService(Preset.class)
public record StrongRegularization(double strength, double dropout, int patience)
    implements Preset {
  private static final double ALPHA = 0.1;
  private static final double BETA = 0.01;

  /** α of 0.1, twice the usual dropout. */
  public StrongRegularization() {
    this(1, 0.2, 2);
  }

  /** Checks the ranges. */
  public StrongRegularization {
    require(strength > 0 && Double.isFinite(strength), "strength must be above 0, not " + strength);
    require(dropout >= 0 && dropout < 1, "dropout must be in [0, 1), not " + dropout);
    require(patience > 0, "patience must be above 0, not " + patience);
  }

  private static void require(boolean ok, String message) {
    if (!ok) {
      throw new IllegalArgumentException(message);
    }
  }

  @Override
  public List<String> settings() {
    return List.of(
        "objective.l2-sp.alpha=" + ALPHA * strength,
        "objective.l2-sp.beta=" + BETA * strength,
        "objective.l2-sp.of.dropout.p=" + dropout,
        "optimizer.adamw.weight-decay=0",
        "train.early-stopping.metric=loss",
        "train.early-stopping.patience=" + patience);
  }
}
