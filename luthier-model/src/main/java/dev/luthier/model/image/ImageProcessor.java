package dev.luthier.model.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.luthier.model.json.JsonFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * What a model's preprocessor_config.json says: pictures are resampled to a square, colours scaled
 * and normalised. Keys that mean nothing here are written back as they were read. Immutable.
 */
public final class ImageProcessor {
  /** The name of the file. */
  public static final String FILE = "preprocessor_config.json";

  private static final int LIMIT = 1 << 13;
  private static final double SCALE = 1 / 255.0;
  private static final double MIDDLE = 0.5;

  private final ObjectNode keys;
  private final String where;
  private final int size;
  private final Resampling resampling;
  private final double scale;
  private final double[] mean;
  private final double[] deviation;

  private ImageProcessor(ObjectNode keys, String where) {
    this.keys = keys;
    this.where = where;
    requireKnown();
    this.size = readSize();
    this.resampling = readResampling();
    boolean normalises = flag("do_normalize");
    this.scale = flag("do_rescale") ? number("rescale_factor", SCALE) : 1;
    this.mean = normalises ? colours("image_mean", MIDDLE) : new double[Picture.CHANNELS];
    double[] spread = new double[Picture.CHANNELS];
    Arrays.fill(spread, 1);
    this.deviation = normalises ? colours("image_std", MIDDLE) : spread;
    for (double d : deviation) {
      if (d <= 0) {
        throw error("image_std", d + " cannot be divided by; it must be above zero");
      }
    }
  }

  /** Whether a model's folder has one. */
  public static boolean in(Path folder) {
    return Files.exists(folder.resolve(FILE));
  }

  /**
   * Reads that of a model's folder.
   *
   * @throws ImageException if there is none, or it asks for something that is not understood
   */
  public static ImageProcessor read(Path folder) {
    Path file = folder.resolve(FILE);
    if (!Files.exists(file)) {
      throw new ImageException(
          folder
              + ": there is no "
              + FILE
              + ", which says how images become the model's input; fetch it with the model");
    }
    try {
      return new ImageProcessor(JsonFile.readObject(file), file.toString());
    } catch (JsonFile.Invalid e) {
      throw new ImageException(e.getMessage() + "; fetch it again");
    }
  }

  /**
   * Reads it from its text.
   *
   * @throws ImageException as {@link #read} does
   */
  public static ImageProcessor parse(String json) {
    try {
      return new ImageProcessor(
          JsonFile.parseObject(json.getBytes(StandardCharsets.UTF_8), FILE), FILE);
    } catch (JsonFile.Invalid e) {
      throw new ImageException("the image processor is broken: " + e.getMessage());
    }
  }

  /** The side of the square that pictures become, in pixels. */
  public int size() {
    return size;
  }

  /** The file it was read from. */
  public String where() {
    return where;
  }

  /**
   * Writes a picture as the model sees it: one colour after the other, each row by row.
   *
   * @param out gets {@code 3 * side * side} numbers
   * @param at where the first goes
   * @param side of the square that it becomes, in pixels
   */
  public void write(Picture picture, int side, float[] out, int at) {
    Picture square = resampling.resize(picture, side, side);
    byte[] rgb = square.rgb();
    int pixels = side * side;
    for (int c = 0; c < Picture.CHANNELS; c++) {
      for (int i = 0; i < pixels; i++) {
        double value = (rgb[i * Picture.CHANNELS + c] & 0xFF) * scale;
        out[at + c * pixels + i] = (float) ((value - mean[c]) / deviation[c]);
      }
    }
  }

  /**
   * Writes the file into a model's folder: keys in alphabetical order.
   *
   * @throws IOException if it cannot be written
   */
  public void save(Path folder) throws IOException {
    Files.write(folder.resolve(FILE), JsonFile.bytes(JsonFile.sorted(keys)));
  }

  private void requireKnown() {
    String type = keys.path("image_processor_type").asText("ViT");
    if (!type.startsWith("ViT")) {
      throw error("image_processor_type", "'" + type + "' is not known, only those of ViT");
    }
    if (!flag("do_resize")) {
      throw error("do_resize", "false is not supported: images of a batch must have one size");
    }
    if (keys.path("do_center_crop").asBoolean(false)) {
      throw error("do_center_crop", "true is not supported; images are resized as a whole");
    }
  }

  private int readSize() {
    JsonNode given = keys.path("size");
    JsonNode height = given.isObject() ? given.path("height") : given;
    JsonNode width = given.isObject() ? given.path("width") : given;
    if (given.isMissingNode()) {
      return 224;
    }
    if (!height.isInt() || !height.equals(width) || height.asInt() < 1 || height.asInt() > LIMIT) {
      throw error(
          "size", given + " is not the height and width of a square of 1 to " + LIMIT + " pixels");
    }
    return height.asInt();
  }

  private Resampling readResampling() {
    JsonNode given = keys.path("resample");
    if (given.isMissingNode() || given.isNull()) {
      return Resampling.BILINEAR;
    }
    try {
      return Resampling.of(given.isInt() ? given.asInt() : -1);
    } catch (IllegalArgumentException e) {
      throw error("resample", given + " is not known: " + e.getMessage());
    }
  }

  private boolean flag(String key) {
    JsonNode given = keys.path(key);
    if (given.isMissingNode() || given.isNull()) {
      return true;
    }
    if (!given.isBoolean()) {
      throw error(key, given + " is neither true nor false");
    }
    return given.asBoolean();
  }

  private double number(String key, double preset) {
    JsonNode given = keys.path(key);
    if (given.isMissingNode() || given.isNull()) {
      return preset;
    }
    if (!given.isNumber() || !Double.isFinite(given.asDouble())) {
      throw error(key, given + " is not a number");
    }
    return given.asDouble();
  }

  private double[] colours(String key, double preset) {
    double[] out = new double[Picture.CHANNELS];
    Arrays.fill(out, preset);
    JsonNode given = keys.path(key);
    if (given.isMissingNode() || given.isNull()) {
      return out;
    }
    if (!given.isArray() || given.size() != out.length) {
      throw error(key, given + " is not a list of three numbers, for red, green and blue");
    }
    for (int c = 0; c < out.length; c++) {
      if (!given.get(c).isNumber() || !Double.isFinite(given.get(c).asDouble())) {
        throw error(key, given.get(c) + " is not a number");
      }
      out[c] = given.get(c).asDouble();
    }
    return out;
  }

  private ImageException error(String key, String problem) {
    return new ImageException(where + ": " + key + ": " + problem);
  }
}
