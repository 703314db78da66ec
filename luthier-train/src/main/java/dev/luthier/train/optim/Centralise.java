package dev.luthier.train.optim;

import com.google.auto.service.AutoService;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;
import java.util.Arrays;

/**
 * Gradient centralisation: from the gradient of each output unit, a row of a weight matrix, its
 * mean is taken off. Vectors stay as they are.
 *
 * <pre>
 *   g ← g - mean of g over all dimensions but the first
 * </pre>
 *
 * <p>When to use it: before an optimizer of networks with convolutions or linear layers that are
 * trained from scratch; it costs nothing to try. After pre-training there is little evidence for
 * it.
 *
 * @see <a href="https://arxiv.org/abs/2004.01461">Yong et al. 2020, equation 1</a>
 */
@Technique(
    id = "grad-centralise",
    key = "centralise",
    name = "Gradient centralisation",
    area = Area.OPTIMIZER,
    paper = "Yong et al. 2020, arXiv:2004.01461")
@AutoService(GradientTransform.class)
public record Centralise() implements GradientTransform {
  @Override
  public Role role() {
    return Role.BEFORE;
  }

  @Override
  public void apply(ParameterGroup group, Gradients gradients, StepContext step) {
    gradients.update(
        group,
        (p, g) -> {
          if (g.dim() > 1) {
            Tensor rows = g.reshape(g.size(0), -1);
            long[] column = g.shape();
            Arrays.fill(column, 1, column.length, 1);
            g.addInPlace(rows.sum(1).div((double) rows.size(1)).view(column), -1);
          }
        });
  }
}
