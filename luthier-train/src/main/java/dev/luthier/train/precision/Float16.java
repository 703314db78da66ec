package dev.luthier.train.precision;

import com.google.auto.service.AutoService;
import dev.luthier.model.Model;
import dev.luthier.model.nn.Arithmetic;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.DType;
import dev.luthier.train.LossScale;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.Precision;
import java.util.ArrayList;
import java.util.List;

/**
 * Products of matrices whose factors, results and gradients are rounded to float16, with float32
 * master weights and a loss that is scaled so that small gradients are not rounded to zero.
 *
 * <p>Many processors multiply float16 itself several times slower than float32. The rounding is
 * therefore emulated: numbers have the range and the digits of float16, but take the memory and the
 * time of float32. It is for finding out what a device that computes in float16 would do; to save
 * time or memory take {@link Bfloat16}.
 *
 * @param firstScale what losses are multiplied by at first
 * @param growthInterval steps in a row without an overflow after which the factor doubles
 * @see <a href="https://arxiv.org/abs/1710.03740">Micikevicius et al. 2017, section 3</a>
 */
@Technique(
    id = "mixed-precision",
    key = "float16",
    name = "Mixed precision, float16 with loss scaling",
    area = Area.PRECISION,
    paper = "Micikevicius et al. 2017, arXiv:1710.03740")
@AutoService(Precision.class)
public record Float16(double firstScale, int growthInterval) implements Precision {
  /** 2048 at first, as the loss is a sum over the batch; doubled after 2000 steps. */
  public Float16() {
    this(2048, 2000);
  }

  /** Checks the ranges. */
  public Float16 {
    if (!(firstScale > 0 && firstScale <= 0x1p40)) {
      throw new IllegalArgumentException(
          "first-scale must be above 0 and at most 2^40, not " + firstScale);
    }
    if (growthInterval < 1) {
      throw new IllegalArgumentException("growth-interval must be above 0, not " + growthInterval);
    }
  }

  @Override
  public List<String> apply(Model model) {
    List<String> lines =
        new ArrayList<>(Holding.of(model, Arithmetic.FLOAT16).trainedAs(DType.F32).lines());
    lines.add("float16 is emulated: as slow as float32, and as large");
    return lines;
  }

  @Override
  public LossScale lossScale(OptimizerState state) {
    return new DynamicLossScale(firstScale, growthInterval, state);
  }
}
