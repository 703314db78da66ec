package dev.luthier.cli;

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

/** Small images of three shapes, drawn by chance, and a small model that has seen nothing yet. */
final class DrawnShapes {
  static final List<String> NAMES = List.of("block", "lying", "standing");
  private static final int SIDE = 16;

  private DrawnShapes() {}

  /** Draws images into a folder, and a table of them beside it. */
  static void draw(Path table, int images, long seed) throws IOException {
    Path folder = Files.createDirectories(table.resolveSibling("img"));
    StringBuilder csv = new StringBuilder("file,shape\n");
    for (int i = 0; i < images; i++) {
      Rng.Key key = Rng.Key.of(seed).with(i);
      String name = "%d-%d.png".formatted(seed, i);
      ImageIO.write(image(i % 3, key), "png", folder.resolve(name).toFile());
      csv.append("img/%s,%s%n".formatted(name, NAMES.get(i % 3)));
    }
    Files.writeString(table, csv.toString());
  }

  /** A block, or a bar that lies or stands, somewhere, of some colour, in some noise. */
  private static BufferedImage image(int shape, Rng.Key key) {
    BufferedImage out = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    int width = shape == 0 ? 6 : shape == 1 ? 12 : 3;
    int height = shape == 0 ? 6 : shape == 1 ? 3 : 12;
    int left = key.below(0, SIDE - width + 1);
    int top = key.below(1, SIDE - height + 1);
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        boolean inside = x >= left && x < left + width && y >= top && y < top + height;
        int rgb = 0;
        for (int c = 0; c < 3; c++) {
          int noise = key.below(10 + (y * SIDE + x) * 3 + c, 40);
          int shade = inside ? 130 + key.below(2 + c, 80) : 20;
          rgb = rgb << 8 | (shade + noise);
        }
        out.setRGB(x, y, rgb);
      }
    }
    return out;
  }

  /** A Vision Transformer of patches of 4 pixels, of weights drawn at random. */
  static void model(Path folder) {
    ModelConfig config =
        ModelConfig.parse(
            """
            {"model_type": "vit", "architectures": ["ViTModel"], "image_size": 16, "patch_size": 4,
             "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
             "num_attention_heads": 4, "initializer_range": 0.1}
            """);
    Vision vision = new Vision(ImageProcessor.parse("{\"size\": 16}"), 4);
    Pretrained.random(config, vision, null, new Head.None(), Rng.Key.of(2)).save(folder, DType.F32);
  }
}
