package dev.luthier.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.data.DataException;
import dev.luthier.model.image.Picture;
import dev.luthier.tensor.Rng;
import dev.luthier.testing.Proves;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AugmentationTest {
  private static final Rng.Key KEY = Rng.Key.of(3);

  // ---- flips and crops ----

  @Test
  void a_flip_comes_as_often_as_it_is_asked_for_and_twice_is_the_picture() {
    Picture picture = numbered(6, 4);
    Picture flipped = new HorizontalFlip(1).apply(picture, KEY);
    assertThat(flipped.at(0, 0, 0)).isEqualTo(picture.at(5, 0, 0));
    assertThat(new HorizontalFlip(1).apply(flipped, KEY)).isEqualTo(picture);
    assertThat(new HorizontalFlip(0).apply(picture, KEY)).isEqualTo(picture);
    long often =
        IntStream.range(0, 2000)
            .filter(i -> !new HorizontalFlip(0.25).apply(picture, KEY.with(i)).equals(picture))
            .count();
    assertThat(often).isBetween(430L, 570L);
  }

  @Test
  void a_crop_lies_within_the_picture_and_has_the_area_and_the_form_that_are_allowed() {
    Picture picture = numbered(60, 40);
    Set<Picture> seen = new HashSet<>();
    double least = 1;
    for (int i = 0; i < 500; i++) {
      Picture crop = new RandomResizedCrop(0.2, 2).apply(picture, KEY.with(i));
      double share = crop.width() * crop.height() / (60.0 * 40);
      double form = crop.width() / (double) crop.height();
      assertThat(share).isBetween(0.19, 1.0);
      assertThat(form).isBetween(0.47, 2.13);
      int place = crop.at(0, 0, 0) + 256 * crop.at(0, 0, 1);
      assertThat(picture.crop(place % 60, place / 60, crop.width(), crop.height())).isEqualTo(crop);
      least = Math.min(least, share);
      seen.add(crop);
    }
    assertThat(least).isLessThan(0.25);
    assertThat(seen).hasSizeGreaterThan(450);
  }

  @Test
  void a_picture_too_narrow_for_any_crop_gives_its_middle() {
    Picture strip = numbered(100, 2);
    Picture crop = new RandomResizedCrop(0.9, 1.5).apply(strip, KEY);
    assertThat(crop.width()).isEqualTo(3);
    assertThat(crop.height()).isEqualTo(2);
    assertThat(crop.at(0, 0, 0)).isEqualTo(48);
  }

  @Test
  void a_quarter_turn_against_the_clock_brings_the_right_edge_to_the_top() {
    Picture picture = numbered(5, 5);
    Picture turned = Rotation.turned(picture, Math.PI / 2);
    for (int i = 0; i < 5; i++) {
      assertThat(turned.at(i, 0, 0)).isEqualTo(picture.at(4, i, 0));
      assertThat(turned.at(0, i, 0)).isEqualTo(picture.at(4 - i, 0, 0));
    }
    assertThat(Rotation.turned(picture, 0)).isEqualTo(picture);
    assertThat(new Rotation(0).apply(picture, KEY)).isEqualTo(picture);
    Picture some = new Rotation(90).apply(picture, KEY);
    assertThat(some).isNotEqualTo(picture).isEqualTo(new Rotation(90).apply(picture, KEY));
  }

  @Test
  void what_comes_in_from_outside_is_black_and_what_is_between_pixels_is_their_mean() {
    byte[] white = new byte[3 * 9 * 9];
    java.util.Arrays.fill(white, (byte) 255);
    Picture turned = Rotation.turned(new Picture(9, 9, white), Math.PI / 4);
    assertThat(turned.at(0, 0, 0)).isZero();
    assertThat(turned.at(4, 4, 1)).isEqualTo(255);
    Picture pair = new Picture(2, 1, new byte[] {0, 0, 0, 100, 40, 20});
    assertThat(Rotation.turned(pair, Math.PI).rgb()).containsExactly(100, 40, 20, 0, 0, 0);
    assertThat(Rotation.turned(pair, Math.PI / 2).at(0, 0, 0)).isEqualTo(25);
  }

  @Test
  void the_same_key_draws_the_same_and_another_something_else() {
    Picture picture = numbered(60, 40);
    RandomResizedCrop crop = new RandomResizedCrop();
    assertThat(crop.apply(picture, KEY)).isEqualTo(crop.apply(picture, KEY));
    assertThat(crop.apply(picture, KEY)).isNotEqualTo(crop.apply(picture, KEY.with(1)));
  }

  @Test
  void ranges_are_checked_naming_the_key() {
    assertThatThrownBy(() -> new HorizontalFlip(1.5)).hasMessageContaining("p must be");
    assertThatThrownBy(() -> new Rotation(200)).hasMessageContaining("degrees must be");
    assertThatThrownBy(() -> new RandomResizedCrop(0, 1)).hasMessageContaining("least must be");
    assertThatThrownBy(() -> new RandomResizedCrop(1, 0.5)).hasMessageContaining("aspect must be");
    assertThatThrownBy(() -> new ProgressiveResizing(0, 1)).hasMessageContaining("from must be");
    assertThatThrownBy(() -> new ProgressiveResizing(8, 0)).hasMessageContaining("epochs must be");
  }

  // ---- sizes ----

  @ParameterizedTest
  @Proves("progressive-resizing")
  @CsvSource({
    // from, epochs, full, patch, sides of the epochs
    "16, 1, 32, 4, 16 32 32",
    "16, 2, 32, 4, 16 24 32 32",
    "8, 3, 32, 8, 8 16 24 32 32",
    "8, 4, 20, 4, 8 8 12 16 20",
    "96, 4, 224, 16, 96 128 160 192 224",
    "32, 3, 32, 4, 32 32 32 32"
  })
  void sides_grow_in_equal_steps_rounded_down_to_whole_patches(
      int from, int epochs, int full, int patch, String sides) {
    ProgressiveResizing sizes = new ProgressiveResizing(from, epochs);
    int[] found =
        IntStream.range(0, sides.split(" ").length)
            .map(epoch -> sizes.side(epoch, full, patch))
            .toArray();
    assertThat(IntStream.of(found).mapToObj(Integer::toString)).containsExactly(sides.split(" "));
  }

  @ParameterizedTest
  @CsvSource({"10, 32, 4", "36, 32, 4", "3, 32, 4"})
  void a_first_side_that_is_no_whole_number_of_patches_or_too_large_is_refused(
      int from, int full, int patch) {
    assertThatThrownBy(() -> new ProgressiveResizing(from, 2).side(0, full, patch))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("from: " + from + " is not a multiple of 4")
        .hasMessageContaining("up to 32");
  }

  /** Pixels that say where they are: their number's low byte in red, the high one in green. */
  private static Picture numbered(int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    for (int i = 0; i < width * height; i++) {
      rgb[3 * i] = (byte) i;
      rgb[3 * i + 1] = (byte) (i >> 8);
    }
    return new Picture(width, height, rgb);
  }
}
