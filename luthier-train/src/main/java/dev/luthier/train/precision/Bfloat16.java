package dev.luthier.train.precision;

import com.google.auto.service.AutoService;
import dev.luthier.model.Model;
import dev.luthier.model.nn.Arithmetic;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Engine;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Precision;
import java.util.ArrayList;
import java.util.List;

/**
 * Products of matrices in bfloat16: float32 without the lower half of its bits, so the same range
 * with 8 significant bits. Processors made for it multiply it about twice as fast; on others the
 * products are computed in float32 and rounded, which saves memory alone. Sums inside a product are
 * float32; norms, residual sums and losses are too, much as under PyTorch's autocast.
 *
 * <p>Frozen matrices are held in bfloat16 alone, which halves their memory. Trained ones are kept
 * in float32, and rounded once a step for the products: an update smaller than 1/256 of a weight
 * would otherwise be lost. Without these master weights trained matrices are bfloat16 too,
 * gradients with them, and updates are rounded at random so that what is lost averages out (see
 * {@link StochasticRounding}).
 *
 * @param masterWeights whether trained matrices are kept in float32
 */
@Technique(
    id = "mixed-precision",
    key = "bfloat16",
    name = "Mixed precision, bfloat16",
    area = Area.PRECISION,
    paper = "Kalamkar et al. 2019, arXiv:1905.12322")
@AutoService(Precision.class)
public record Bfloat16(boolean masterWeights) implements Precision {
  /** With master weights. */
  public Bfloat16() {
    this(true);
  }

  @Override
  public List<String> apply(Model model) {
    List<String> lines =
        new ArrayList<>(
            Holding.of(model, Arithmetic.BFLOAT16)
                .frozenAs(DType.BF16)
                .trainedAs(masterWeights ? DType.F32 : DType.BF16)
                .lines());
    if (!Engine.multipliesBfloat16()) {
      lines.add(
          "bfloat16 saves memory here, but no time: this processor multiplies float32 faster, so"
              + " products are computed in float32 and rounded");
    }
    return lines;
  }

  @Override
  public GradientTransform around(GradientTransform optimizer) {
    return masterWeights ? optimizer : new StochasticRounding(optimizer);
  }
}
