package dev.luthier.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.data.DataException;
import dev.luthier.model.image.ImageProcessor;
import dev.luthier.model.image.Picture;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.tensor.io.TensorFile;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PictureDecoderTest {
  @TempDir Path folder;

  // ---- pixels ----

  @ParameterizedTest
  @CsvSource({
    "small.png, 0",
    "large.png, 0",
    "gray.png, 0",
    "gray-alpha.png, 0",
    "alpha.png, 0",
    "palette.png, 0",
    "palette.gif, 0",
    "bits.png, 0",
    "small.bmp, 0",
    // Two decoders of JPEG may round the inverse cosine transform and the colours differently.
    "photo.jpg, 3",
    "gray.jpg, 1"
  })
  void pixels_are_those_that_pillow_reads(String name, int most) throws IOException {
    try (Scope scope = Scope.open();
        TensorFile golden = TensorFile.open(golden("pixels.safetensors"))) {
      Tensor expected = golden.tensor(name);
      Picture picture = ImageFile.of(golden(name), "row 1").picture();
      assertThat(expected.shape()).containsExactly(picture.height(), picture.width(), 3);
      byte[] bytes = expected.toBytes();
      int largest = 0;
      for (int i = 0; i < bytes.length; i++) {
        largest = Math.max(largest, Math.abs((bytes[i] & 0xFF) - (picture.rgb()[i] & 0xFF)));
      }
      assertThat(largest).isLessThanOrEqualTo(most);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"defaults", "bicubic", "lanczos", "nearest", "imagenet", "raw"})
  void the_image_processor_gives_the_numbers_of_the_reference(String setting) throws IOException {
    JsonNode keys = new ObjectMapper().readTree(golden("processors.json").toFile()).get(setting);
    ImageProcessor processor = ImageProcessor.parse(keys.toString());
    try (Scope scope = Scope.open();
        TensorFile golden = TensorFile.open(golden("processed.safetensors"))) {
      for (String name : new String[] {"small.png", "large.png"}) {
        float[] expected = golden.tensor(setting + "." + name).toFloats();
        float[] found = new float[expected.length];
        Picture picture = ImageFile.of(golden(name), "row 1").picture();
        processor.write(picture, processor.size(), found, 0);
        for (int i = 0; i < found.length; i++) {
          assertThat(found[i])
              .as("%s, %s, number %d", setting, name, i)
              .isCloseTo(expected[i], org.assertj.core.api.Assertions.within(1e-6f * 255));
        }
      }
    }
  }

  // ---- hostile files ----

  @Test
  void a_size_that_would_not_fit_is_refused_before_a_pixel_is_decoded() throws IOException {
    for (Map.Entry<String, byte[]> huge :
        Map.of(
                "huge.png", pngOf(200_000, 200_000),
                "wide.png", pngOf(Integer.MAX_VALUE, 1),
                "huge.gif", gifOf(0xFFFF, 0xFFFF),
                "huge.bmp", bmpOf(20_000, 20_000),
                "huge.jpg", jpegOf(0xFFFF, 0xFFFF))
            .entrySet()) {
      Path file = write(huge.getKey(), huge.getValue());
      assertThatThrownBy(() -> ImageFile.of(file, "row 4 of train.csv"))
          .as(huge.getKey())
          .isInstanceOf(DataException.class)
          .hasMessageContaining("row 4 of train.csv")
          .hasMessageContaining(huge.getKey())
          // Java's reader of BMP refuses a size that the file's own length denies.
          .hasMessageMatching("(?s).*(pixels|Invalid width/height).*");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"large.png", "photo.jpg", "palette.gif", "small.bmp", "palette.png"})
  void a_file_cut_short_anywhere_is_an_error_that_names_it(String name) throws IOException {
    byte[] whole = Files.readAllBytes(golden(name));
    for (int length = 0; length < whole.length - 24; length += 1 + whole.length / 40) {
      Path file = write("cut-" + name, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> ImageFile.of(file, "row 2 of a.csv"))
          .as("%s of %d of %d bytes", name, length, whole.length)
          .isInstanceOf(DataException.class)
          .hasMessageContaining("row 2 of a.csv")
          .hasMessageContaining("cut-" + name);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"small.png", "photo.jpg", "palette.gif", "small.bmp", "gray.jpg"})
  void damaged_files_give_a_picture_or_an_error_and_nothing_else(String name) throws IOException {
    byte[] whole = Files.readAllBytes(golden(name));
    Rng.Key key = Rng.Key.of(5).with(name);
    org.junit.jupiter.api.Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(60),
        () -> {
          for (int i = 0; i < 300; i++) {
            byte[] damaged = whole.clone();
            for (int j = 0; j < 1 + i % 4; j++) {
              damaged[key.with(i).below(2L * j, damaged.length)] = (byte) key.with(i).bits(9L + j);
            }
            try {
              assertThat(PictureDecoder.decode(damaged, name).rgb()).isNotEmpty();
            } catch (DataException e) {
              assertThat(e).hasMessageContaining(name);
            }
          }
        });
  }

  @Test
  void what_is_no_image_is_refused() throws IOException {
    Path text = write("a.png", "not an image at all".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> ImageFile.of(text, "row 1"))
        .hasMessageContaining("a.png is not a JPEG, PNG, GIF or BMP image");
    assertThatThrownBy(() -> ImageFile.of(folder.resolve("none.png"), "row 7 of b.csv"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("row 7 of b.csv: there is no image");
    assertThatThrownBy(() -> ImageFile.of(folder, "row 1"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("is a folder");
  }

  @Test
  void an_image_that_changes_while_a_run_goes_on_stops_it() throws IOException {
    Path file = write("a.png", Files.readAllBytes(golden("small.png")));
    ImageFile image = ImageFile.of(file, "row 3 of train.csv");
    assertThat(image.picture().width()).isEqualTo(13);
    write("a.png", Files.readAllBytes(golden("large.png")));
    assertThatThrownBy(image::picture)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("row 3 of train.csv")
        .hasMessageContaining("has changed since the run began");
  }

  private Path write(String name, byte[] bytes) throws IOException {
    return Files.write(folder.resolve(name), bytes);
  }

  /** The header of a PNG alone; decoders read the size from it. */
  private static byte[] pngOf(int width, int height) {
    ByteBuffer out = ByteBuffer.allocate(57);
    out.put(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'});
    ByteBuffer header = ByteBuffer.allocate(17);
    header.put("IHDR".getBytes(StandardCharsets.US_ASCII)).putInt(width).putInt(height);
    header.put(new byte[] {8, 2, 0, 0, 0});
    CRC32 crc = new CRC32();
    crc.update(header.array());
    out.putInt(13).put(header.array()).putInt((int) crc.getValue());
    out.putInt(0).put("IDAT".getBytes(StandardCharsets.US_ASCII)).putInt(0x35AF061E);
    out.putInt(0).put("IEND".getBytes(StandardCharsets.US_ASCII)).putInt(0xAE426082);
    return out.array();
  }

  private static byte[] gifOf(int width, int height) {
    return new byte[] {
      'G',
      'I',
      'F',
      '8',
      '9',
      'a',
      (byte) width,
      (byte) (width >> 8),
      (byte) height,
      (byte) (height >> 8),
      0,
      0,
      0,
      ',',
      0,
      0,
      0,
      0,
      (byte) width,
      (byte) (width >> 8),
      (byte) height,
      (byte) (height >> 8),
      0,
      2,
      0,
      ';'
    };
  }

  private static byte[] bmpOf(int width, int height) {
    ByteBuffer out = ByteBuffer.allocate(54).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    out.put((byte) 'B').put((byte) 'M').putInt(54).putInt(0).putInt(54);
    out.putInt(40).putInt(width).putInt(height).putShort((short) 1).putShort((short) 24);
    return out.array();
  }

  private static byte[] jpegOf(int width, int height) throws IOException {
    byte[] bytes = Files.readAllBytes(golden("photo.jpg"));
    for (int i = 2; i < bytes.length - 8; i++) {
      if ((bytes[i] & 0xFF) == 0xFF && (bytes[i + 1] & 0xFF) == 0xC0) {
        ByteBuffer.wrap(bytes).putShort(i + 5, (short) height).putShort(i + 7, (short) width);
        return bytes;
      }
    }
    throw new IllegalStateException("a JPEG says its size");
  }

  /** One of the files that the reference made. */
  static Path golden(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(
                  PictureDecoderTest.class.getResource("/golden/images/" + name), name)
              .toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
