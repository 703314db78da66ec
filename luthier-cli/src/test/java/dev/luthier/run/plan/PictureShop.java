package dev.luthier.run.plan;

import dev.luthier.model.Head;
import dev.luthier.model.ModelConfig;
import dev.luthier.model.Pretrained;
import dev.luthier.model.image.ImageProcessor;
import dev.luthier.model.image.Vision;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;

/** A small Vision Transformer with random weights and drawn images, large enough to be measured. */
final class PictureShop {
  static final int WIDTH = 192;
  static final int INNER = 768;
  static final int LAYERS = 5;
  static final int HEADS = 6;
  static final int PATCH = 16;
  static final int SIDE = 224;
  static final int IMAGES = 80;

  private final Path folder;

  private PictureShop(Path folder) {
    this.folder = folder;
  }

  /** Makes both in an empty folder: the model {@code model}, and one that sees larger images. */
  static PictureShop in(Path folder) throws IOException {
    PictureShop shop = new PictureShop(folder);
    model(SIDE, new Head.None()).save(folder.resolve("model"), DType.F32);
    model(SIDE + 3 * PATCH, new Head.None()).save(folder.resolve("larger"), DType.F32);
    shop.images();
    return shop;
  }

  /**
   * A model whose positions are for images of {@link #SIDE}.
   *
   * @param seen the side of the images it is given
   */
  static Pretrained model(int seen, Head head) {
    ModelConfig config =
        ModelConfig.parse(
            """
            {"model_type": "vit", "architectures": ["ViTModel"], "image_size": %d, "patch_size": %d,
             "hidden_size": %d, "intermediate_size": %d, "num_hidden_layers": %d,
             "num_attention_heads": %d}
            """
                .formatted(SIDE, PATCH, WIDTH, INNER, LAYERS, HEADS));
    Vision vision = new Vision(ImageProcessor.parse("{\"size\": %d}".formatted(seen)), PATCH);
    return Pretrained.random(config, vision, null, head, Rng.Key.of(2));
  }

  private void images() throws IOException {
    Files.createDirectories(folder.resolve("img"));
    StringBuilder csv = new StringBuilder("file,shade\n");
    for (int i = 0; i < IMAGES; i++) {
      BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
      for (int at = 0; at < 64 * 64; at++) {
        image.setRGB(at % 64, at / 64, (at * (i + 3)) & (i % 2 == 0 ? 0xff00ff : 0xffff));
      }
      ImageIO.write(image, "png", folder.resolve("img/" + i + ".png").toFile());
      csv.append("img/%d.png,%s%n".formatted(i, List.of("pink", "blue").get(i % 2)));
    }
    Files.writeString(folder.resolve("train.csv"), csv);
  }

  /**
   * A recipe of two steps.
   *
   * @param more keys of {@code train}
   * @param task keys of the task
   */
  Path recipe(String model, int batch, String adapt, String more, String task) throws IOException {
    return Files.writeString(
        folder.resolve("recipe.yaml"),
        """
        model: %s
        task: {image-classification: {%s}}
        data:
          train: {file: train.csv, image: file, label: shade}
        adapt: [{%s}]
        train: {epochs: 1, max-steps: 2, batch: %d, save-every: 1%s}
        output: %s
        """
            .formatted(model, task, adapt, batch, more, folder.resolve("run")));
  }
}
