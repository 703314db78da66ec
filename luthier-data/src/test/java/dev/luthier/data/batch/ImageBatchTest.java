package dev.luthier.data.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.data.DataException;
import dev.luthier.data.DataFile;
import dev.luthier.data.Dataset;
import dev.luthier.data.Example;
import dev.luthier.data.Target;
import dev.luthier.data.TargetKind;
import dev.luthier.data.image.HorizontalFlip;
import dev.luthier.data.image.ProgressiveResizing;
import dev.luthier.data.image.RandomResizedCrop;
import dev.luthier.data.read.DatasetReader;
import dev.luthier.model.image.ImageProcessor;
import dev.luthier.model.image.Vision;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageBatchTest {
  private static final Rng.Key KEY = Rng.Key.of(3);
  private static final Vision VISION =
      new Vision(
          ImageProcessor.parse("{\"size\": 8, \"do_normalize\": false, \"do_rescale\": false}"), 4);

  @TempDir Path base;

  @BeforeEach
  void draw() throws IOException {
    Files.createDirectories(base.resolve("shapes/img"));
    for (int i = 0; i < 4; i++) {
      paint(i, 40 * i + 20);
    }
  }

  // ---- data files ----

  @Test
  void a_column_names_images_from_the_folder_of_the_data_file() throws IOException {
    Dataset data = read("file,kind\nimg/0.png,a\n./img/1.png,b\nimg/../img/2.png,a\n");
    assertThat(data.examples())
        .containsExactly(
            new Example(1, "shapes/img/0.png", null, new Target.OneLabel("a")),
            new Example(2, "shapes/img/1.png", null, new Target.OneLabel("b")),
            new Example(3, "shapes/img/2.png", null, new Target.OneLabel("a")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"../secret.png", "img/../../secret.png", "/etc/passwd", ".", "img/link.png"})
  void a_path_that_leads_out_of_that_folder_is_refused_naming_the_row(String path)
      throws IOException {
    Files.copy(base.resolve("shapes/img/0.png"), base.resolve("secret.png"));
    Files.createSymbolicLink(base.resolve("shapes/img/link.png"), base.resolve("secret.png"));
    assertThatThrownBy(() -> read("file,kind\nimg/0.png,a\n" + path + ",b\n"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("row 2 of shapes/train.csv")
        .hasMessageContaining("lies outside of shapes");
  }

  @Test
  void an_image_that_is_not_there_is_named_with_its_row() {
    assertThatThrownBy(() -> read("file,kind\nimg/0.png,a\nimg/7.png,b\n"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("row 2 of shapes/train.csv: there is no image 'img/7.png' in shapes");
  }

  @Test
  void a_folder_for_each_class_is_a_table_of_images_and_classes() throws IOException {
    for (String name : List.of("b, c/1.png", "a/2.PNG", "a/10.png", "a/.hidden")) {
      Path to = base.resolve("tree").resolve(name);
      Files.createDirectories(to.getParent());
      Files.copy(base.resolve("shapes/img/0.png"), to);
    }
    DataFile tree = DataFile.from("tree").image("image").label("class").build();
    Dataset data = DatasetReader.read(tree, TargetKind.ONE_LABEL, base);
    assertThat(data.examples())
        .containsExactly(
            new Example(1, "tree/a/10.png", null, new Target.OneLabel("a")),
            new Example(2, "tree/a/2.PNG", null, new Target.OneLabel("a")),
            new Example(3, "tree/b, c/1.png", null, new Target.OneLabel("b, c")));
    assertThat(new ImageEncoder(VISION, base).encode(data).data().size()).isEqualTo(3);
    Files.writeString(base.resolve("tree/a/notes.txt"), "not an image");
    assertThatThrownBy(() -> DatasetReader.read(tree, TargetKind.ONE_LABEL, base))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("tree holds a/notes.txt");
  }

  @Test
  void an_image_is_named_alone() {
    assertThatThrownBy(() -> DataFile.from("a.csv").image("file").text("body").build())
        .isInstanceOf(DataException.class)
        .hasMessageContaining("image is named beside 'body'");
    assertThatThrownBy(() -> DataFile.from("a.csv").image("file").pair("other").build())
        .isInstanceOf(DataException.class)
        .hasMessageContaining("keep one");
  }

  // ---- examples ----

  @Test
  void what_is_asked_about_is_read_when_it_is_seen_and_what_is_learnt_from_before()
      throws IOException {
    Dataset data = read("file,kind\nimg/0.png,a\nimg/1.png,b\n");
    Files.writeString(base.resolve("shapes/img/1.png"), "no image");
    ImageEncoder encoder = new ImageEncoder(VISION, base);
    assertThatThrownBy(() -> encoder.encode(data))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("row 2 of shapes/train.csv");
    List<EncodedExample> asked = encoder.asked(data).data().examples();
    Collator collator =
        new ImageCollator(
            VISION, e -> new Targets.Classes(Tensor.of(new long[1], 1)), null, List.of());
    try (Scope scope = Scope.open()) {
      assertThat(collator.collate(asked.subList(0, 1), KEY).tokens().segments().count()).isOne();
      assertThatThrownBy(() -> collator.collate(asked.subList(1, 2), KEY))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("row 2 of shapes/train.csv");
    }
  }

  @Test
  void the_fingerprint_is_of_the_images_themselves() throws IOException {
    Dataset data = read("file,kind\nimg/0.png,a\nimg/1.png,b\n");
    ImageEncoder encoder = new ImageEncoder(VISION, base);
    String before = encoder.encode(data).data().fingerprint();
    assertThat(encoder.encode(data).data().fingerprint()).isEqualTo(before);
    paint(1, 61);
    assertThat(encoder.encode(data).data().fingerprint()).isNotEqualTo(before);
  }

  @Test
  void an_image_has_a_token_for_the_whole_and_one_for_each_patch() throws IOException {
    Encoder.Encoded encoded = new ImageEncoder(VISION, base).encode(read("file,kind\nimg/0.png,a"));
    EncodedExample example = encoded.data().examples().get(0);
    assertThat(example.length()).isEqualTo(5);
    assertThat(example.ids()).containsExactly(0, 1, 2, 3, 4);
    assertThat(example.special()).containsExactly(true, false, false, false, false);
    assertThat(example.at(3).index()).isEqualTo(3);
    assertThat(example.at(3).image()).isEqualTo(example.image());
  }

  @Test
  void a_damaged_image_stops_the_run_before_it_begins() throws IOException {
    Path file = base.resolve("shapes/img/2.png");
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, java.util.Arrays.copyOf(whole, whole.length / 2));
    Dataset data = read("file,kind\nimg/0.png,a\nimg/2.png,b\n");
    assertThatThrownBy(() -> new ImageEncoder(VISION, base).encode(data))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("row 2 of shapes/train.csv")
        .hasMessageContaining("2.png");
  }

  // ---- batches ----

  @Test
  void a_batch_holds_the_pixels_of_its_images_at_the_full_size() throws IOException {
    try (Scope scope = Scope.open()) {
      Batch batch = collator(null).collate(examples(), KEY);
      Tensor pixels = batch.tokens().pixels();
      assertThat(pixels.shape()).containsExactly(4, 3, 8, 8);
      assertThat(batch.tokens().segments().total()).isEqualTo(20);
      assertThat(batch.tokens().ids().narrow(0, 5, 5).toLongs()).containsExactly(0, 1, 2, 3, 4);
      for (int i = 0; i < 4; i++) {
        float[] red = pixels.select(0, i).select(0, 0).contiguous().toFloats();
        assertThat(red[0]).isEqualTo(40 * i + 20);
        assertThat(red[7]).isEqualTo(255);
      }
    }
  }

  @Test
  void training_sees_the_size_of_its_epoch_and_evaluation_the_full_one() throws IOException {
    try (Scope scope = Scope.open()) {
      Collator collator = collator(new ProgressiveResizing(4, 1));
      assertThat(collator.training(0).collate(examples(), KEY).tokens().pixels().shape())
          .containsExactly(4, 3, 4, 4);
      assertThat(collator.training(0).collate(examples(), KEY).tokens().segments().total())
          .isEqualTo(8);
      assertThat(collator.training(1).collate(examples(), KEY).tokens().pixels().shape())
          .containsExactly(4, 3, 8, 8);
      assertThat(collator.collate(examples(), KEY).tokens().pixels().shape())
          .containsExactly(4, 3, 8, 8);
    }
  }

  @Test
  void changes_follow_from_epoch_and_example_alone_and_stay_out_of_evaluation() throws IOException {
    try (Scope scope = Scope.open()) {
      List<EncodedExample> all = examples();
      Collator plain = collator(null);
      Collator changing =
          new ImageCollator(
              VISION,
              es -> new Targets.None(),
              null,
              List.of(new HorizontalFlip(1), new RandomResizedCrop(0.3, 1)));
      Tensor once = pixels(changing.training(0).collate(all, KEY));
      assertThat(once.sameAs(pixels(changing.training(0).collate(all, KEY)))).isTrue();
      assertThat(once.sameAs(pixels(changing.training(0).collate(all, KEY.with(1))))).isFalse();
      assertThat(once.sameAs(pixels(plain.collate(all, KEY)))).isFalse();
      assertThat(pixels(changing.collate(all, KEY)).sameAs(pixels(plain.collate(all, KEY))))
          .isTrue();
      Tensor alone = pixels(changing.training(0).collate(all.subList(2, 3), KEY));
      assertThat(once.narrow(0, 2, 1).sameAs(alone)).isTrue();
    }
  }

  private static Tensor pixels(Batch batch) {
    return batch.tokens().pixels();
  }

  private static Collator collator(ProgressiveResizing sizes) {
    return new ImageCollator(VISION, es -> new Targets.None(), sizes, List.of());
  }

  private List<EncodedExample> examples() throws IOException {
    Dataset data = read("file,kind\nimg/0.png,a\nimg/1.png,b\nimg/2.png,a\nimg/3.png,b\n");
    return new ImageEncoder(VISION, base).encode(data).data().examples();
  }

  private Dataset read(String csv) throws IOException {
    Files.writeString(base.resolve("shapes/train.csv"), csv);
    return DatasetReader.read(
        DataFile.from("shapes/train.csv").image("file").label("kind").build(),
        TargetKind.ONE_LABEL,
        base);
  }

  /** A picture of 16 x 16 whose left half has a shade of red, and whose right half is white. */
  private void paint(int number, int red) throws IOException {
    BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 16; y++) {
      for (int x = 0; x < 16; x++) {
        image.setRGB(x, y, x < 8 ? red << 16 : 0xFFFFFF);
      }
    }
    ImageIO.write(image, "png", base.resolve("shapes/img/" + number + ".png").toFile());
  }
}
