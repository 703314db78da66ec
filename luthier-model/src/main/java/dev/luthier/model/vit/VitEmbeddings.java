package dev.luthier.model.vit;

import dev.luthier.model.ModelException;
import dev.luthier.model.Tokens;
import dev.luthier.model.nn.Init;
import dev.luthier.model.nn.Module;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Tensor;
import java.util.Arrays;

/**
 * From pixels to the first hidden states: z₀ = [CLS; x₁E; ...; xₙE] + positions, with dropout
 * (Dosovitskiy et al. 2020, equation 1). xᵢ is a patch, its pixels in a row. E is stored as the
 * convolution that it is, {@code [width, channels, patch, patch]}.
 */
final class VitEmbeddings implements Module {
  private final VitConfig config;
  private final Parameter whole;
  private final Parameter positions;
  private final Parameter projection;
  private final Parameter bias;

  VitEmbeddings(VitConfig config) {
    this.config = config;
    Init init = Init.normal(config.deviation());
    int patch = config.patch();
    long places = 1 + (long) config.side() * config.side();
    this.whole = new Parameter(init, 1, 1, config.width());
    this.positions = new Parameter(init, 1, places, config.width());
    this.projection = new Parameter(init, config.width(), config.channels(), patch, patch);
    this.bias = new Parameter(Init.zeros(), config.width());
  }

  /**
   * @return {@code [tokens, width]}: for each image [CLS], then its patches row by row
   * @throws ModelException if these are not images, or not such as the network reads
   */
  Tensor forward(Tokens tokens, Pass pass) {
    Tensor pixels = pixels(tokens);
    Segments segments = tokens.segments();
    int rows = (int) pixels.size(2) / config.patch();
    int columns = (int) pixels.size(3) / config.patch();
    long images = pixels.size(0);
    Tensor seen =
        projection
            .arithmetic()
            .wide(project(patches(pixels, rows, columns)))
            .view(images, (long) rows * columns, config.width());
    Tensor first = wide(whole).expand(images, 1, config.width());
    Tensor all = Tensor.cat(1, first, seen).view(segments.total(), config.width());
    Tensor at = PositionGrid.on(wide(positions), config.side(), rows, columns);
    Tensor sum =
        pass.embedded(all, segments)
            .view(images, 1 + (long) rows * columns, config.width())
            .add(at)
            .view(segments.total(), config.width());
    return pass.dropout(sum, config.dropout(), "embeddings", segments);
  }

  /** E {@code [width, channels, patch, patch]}. */
  Parameter projection() {
    return projection;
  }

  private static Tensor wide(Parameter p) {
    return p.arithmetic().wide(p.value());
  }

  private Tensor project(Tensor patches) {
    Tensor kernel = projection.factor().view(config.width(), patches.size(1));
    return Functional.linear(projection.arithmetic().factor(patches), kernel, bias.factor());
  }

  /** {@code [images, channels, height, width]} to {@code [patches, channels * patch * patch]}. */
  private Tensor patches(Tensor pixels, int rows, int columns) {
    int patch = config.patch();
    long images = pixels.size(0);
    return pixels
        .view(images, config.channels(), rows, patch, columns, patch)
        .permute(0, 2, 4, 1, 3, 5)
        .reshape(images * rows * columns, (long) config.channels() * patch * patch);
  }

  private Tensor pixels(Tokens tokens) {
    Tensor pixels = tokens.pixels();
    if (pixels == null) {
      throw new ModelException("this model reads images, and these tokens are those of texts");
    }
    Segments segments = tokens.segments();
    int patch = config.patch();
    boolean fits =
        pixels.dim() == 4
            && pixels.size(1) == config.channels()
            && pixels.size(2) >= patch
            && pixels.size(3) >= patch
            && pixels.size(2) % patch == 0
            && pixels.size(3) % patch == 0;
    if (!fits) {
      throw new ModelException(
          "pixels of shape %s are not [images, %d, height, width] in whole patches of %d pixels"
              .formatted(Arrays.toString(pixels.shape()), config.channels(), patch));
    }
    long each = 1 + (pixels.size(2) / patch) * (pixels.size(3) / patch);
    if (segments.count() != pixels.size(0) || segments.total() != each * segments.count()) {
      throw new ModelException(
          "%d sequences of %d tokens together are not %d images of %d tokens each"
              .formatted(segments.count(), segments.total(), pixels.size(0), each));
    }
    return pixels;
  }

  @Override
  public void parts(Parts parts) {
    parts.parameter("cls_token", whole);
    parts.parameter("position_embeddings", positions);
    parts.parameter("patch_embeddings.projection.weight", projection);
    parts.parameter("patch_embeddings.projection.bias", bias);
  }
}
