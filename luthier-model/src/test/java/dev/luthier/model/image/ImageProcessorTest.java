package dev.luthier.model.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageProcessorTest {

  @Test
  void what_the_file_does_not_say_is_as_in_the_reference() {
    ImageProcessor processor = ImageProcessor.parse("{}");
    Picture black = new Picture(1, 1, new byte[3]);
    float[] out = new float[12];
    processor.write(black, 2, out, 0);
    assertThat(processor.size()).isEqualTo(224);
    assertThat(out).containsOnly(-1);
  }

  @Test
  void colours_stand_one_after_the_other_scaled_and_normalised() {
    ImageProcessor processor =
        ImageProcessor.parse(
            """
            {"size": 1, "rescale_factor": 0.5, "image_mean": [1, 2, 3], "image_std": [1, 2, 4]}
            """);
    Picture picture = new Picture(2, 1, new byte[] {10, 20, 30, 12, 24, (byte) 255});
    float[] out = new float[5];
    processor.write(picture.crop(1, 0, 1, 1), 1, out, 2);
    assertThat(out).containsExactly(0, 0, 5, 5, (127.5f - 3) / 4);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"size\": {\"height\": 8, \"width\": 9}} | size",
        "{\"size\": {\"shortest_edge\": 8}}       | size",
        "{\"size\": 0}                            | size",
        "{\"size\": 99999}                        | size",
        "{\"resample\": 5}                        | resample",
        "{\"resample\": \"best\"}                 | resample",
        "{\"do_resize\": false}                   | do_resize",
        "{\"do_center_crop\": true}               | do_center_crop",
        "{\"do_normalize\": 1}                    | do_normalize",
        "{\"rescale_factor\": \"x\"}              | rescale_factor",
        "{\"image_mean\": [0.5]}                  | image_mean",
        "{\"image_mean\": [1, 2, \"3\"]}          | image_mean",
        "{\"image_std\": [1, 0, 1]}               | image_std",
        "{\"image_processor_type\": \"CLIPImageProcessor\"} | image_processor_type",
        "[1]                                      | no JSON object",
        "{\"size\": 8, \"size\": 16}              | uplicate"
      })
  void what_is_not_understood_is_refused_naming_the_key(String json, String key) {
    assertThatThrownBy(() -> ImageProcessor.parse(json))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining(key);
  }

  @Test
  void a_folder_without_one_is_told_what_is_missing(@TempDir Path folder) {
    assertThat(ImageProcessor.in(folder)).isFalse();
    assertThatThrownBy(() -> ImageProcessor.read(folder))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("there is no preprocessor_config.json");
  }

  @Test
  void what_means_nothing_here_is_written_back(@TempDir Path folder) throws IOException {
    ImageProcessor.parse("{\"size\": 8, \"crop_pct\": null, \"data_format\": \"first\"}")
        .save(folder);
    assertThat(Files.readString(folder.resolve("preprocessor_config.json")))
        .contains("\"data_format\": \"first\"", "\"crop_pct\": null");
    assertThat(ImageProcessor.read(folder).size()).isEqualTo(8);
  }

  @Test
  void a_picture_is_cropped_and_mirrored_pixel_by_pixel() {
    byte[] rgb = new byte[3 * 3 * 2];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) i;
    }
    Picture picture = new Picture(3, 2, rgb);
    assertThat(picture.crop(1, 1, 2, 1).rgb()).containsExactly(12, 13, 14, 15, 16, 17);
    assertThat(picture.mirrored().at(0, 1, 2)).isEqualTo(17);
    assertThat(picture.mirrored().mirrored()).isEqualTo(picture);
    assertThatThrownBy(() -> picture.crop(2, 0, 2, 1)).hasMessageContaining("within");
    assertThatThrownBy(() -> new Picture(3, 3, rgb)).hasMessageContaining("3 x 3");
  }

  @Test
  void resampling_keeps_a_plain_colour_and_an_unchanged_size() {
    byte[] grey = new byte[3 * 7 * 5];
    java.util.Arrays.fill(grey, (byte) 200);
    Picture plain = new Picture(7, 5, grey);
    for (Resampling r : Resampling.values()) {
      assertThat(r.resize(plain, 7, 5)).isEqualTo(plain);
      assertThat(r.resize(plain, 3, 11).rgb()).containsOnly(200);
    }
  }
}
