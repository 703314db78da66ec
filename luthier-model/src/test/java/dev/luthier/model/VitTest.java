package dev.luthier.model;

import static dev.luthier.model.Golden.requireClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.model.image.ImageException;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.model.vit.VitModel;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.tensor.io.TensorFile;
import dev.luthier.testing.Proves;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Proves("vit")
class VitTest {
  private static final Rng.Key KEY = Rng.Key.of(11);
  private static final String CLASSIFIER = "vit-image-classification";
  private static final int PATCH = 4;

  @TempDir Path temporary;

  // ---- numbers ----

  @ParameterizedTest
  @ValueSource(strings = {"16x16", "24x24", "8x8", "12x20"})
  void states_logits_loss_and_all_gradients_are_those_of_the_reference_at_any_size(String size) {
    try (Scope scope = Scope.open();
        TensorFile golden = golden(CLASSIFIER, "golden-" + size)) {
      Pretrained loaded = load(CLASSIFIER);
      VitModel model = (VitModel) loaded.model();
      Tokens images = images(golden.tensor("pixel_values"));
      List<Tensor> states = model.encoder().states(images, Pass.EVALUATION);
      for (int i = 0; i < states.size(); i++) {
        Tensor expected = golden.tensor("hidden." + i);
        requireClose("hidden " + i, states.get(i), flat(expected), Parity.FORWARD);
      }
      Tensor logits = model.forward(images, Pass.EVALUATION).requireLogits();
      requireClose("logits", logits, golden.tensor("logits"), Parity.FORWARD);
      Tensor sum = Functional.crossEntropySum(logits, golden.tensor("labels"), null, 0);
      requireClose("loss", sum, golden.tensor("loss_sum"), Parity.FORWARD);
      sum.div(golden.tensor("loss_weight").item()).backward();
      requireGradients(golden, Parity.gradients(model));
    }
  }

  private static void requireGradients(TensorFile golden, Map<String, Tensor> found) {
    Set<String> expected = new TreeSet<>();
    golden.names().stream()
        .filter(n -> n.startsWith("grad."))
        .forEach(n -> expected.add(n.substring(5)));
    assertThat(found.keySet()).isEqualTo(expected);
    double largest =
        expected.stream()
            .mapToDouble(n -> golden.tensor("grad." + n).abs().max().item())
            .max()
            .orElseThrow();
    for (String name : expected) {
      Tensor reference = golden.tensor("grad." + name);
      double scale = Math.max(reference.abs().max().item(), 1e-2 * largest);
      double difference = found.get(name).sub(reference).abs().max().item();
      assertThat(difference / scale).as(name).isLessThanOrEqualTo(Parity.GRADIENT);
    }
  }

  @Test
  void a_bare_network_without_biases_of_attention_is_that_of_the_reference() {
    try (Scope scope = Scope.open();
        TensorFile golden = golden("vit-encoder", "golden")) {
      Outputs out =
          load("vit-encoder")
              .model()
              .forward(images(golden.tensor("pixel_values")), Pass.EVALUATION);
      requireClose(
          "hidden", out.hidden(), flat(golden.tensor("last_hidden_state")), Parity.FORWARD);
      assertThat(out.logits()).isNull();
    }
  }

  @Test
  void answers_alone_are_those_of_the_whole_pass_and_so_are_their_gradients() {
    try (Scope scope = Scope.open();
        TensorFile golden = golden(CLASSIFIER, "golden-24x24")) {
      Tokens images = images(golden.tensor("pixel_values"));
      Model whole = load(CLASSIFIER).model();
      Model alone = load(CLASSIFIER).model();
      Tensor expected = whole.forward(images, Pass.EVALUATION).requireLogits();
      Outputs answer = alone.answer(images, Pass.EVALUATION);
      assertThat(answer.hidden().size(0)).isEqualTo(images.segments().count());
      requireClose("logits", answer.requireLogits(), expected.detach(), Parity.FORWARD);
      Tensor probe = Rng.normal(KEY, 0, 1, expected.shape());
      expected.mul(probe).sum().backward();
      answer.requireLogits().mul(probe).sum().backward();
      Map<String, Tensor> gradients = Parity.gradients(whole);
      double largest =
          gradients.values().stream().mapToDouble(g -> g.abs().max().item()).max().orElseThrow();
      Parity.gradients(alone)
          .forEach(
              (name, g) ->
                  assertThat(g.sub(gradients.get(name)).abs().max().item())
                      .as(name)
                      .isLessThan(1e-6 * largest));
    }
  }

  @Test
  void an_image_gets_the_logits_in_a_batch_that_it_gets_alone() {
    try (Scope scope = Scope.open();
        TensorFile golden = golden(CLASSIFIER, "golden-16x16")) {
      Model model = load(CLASSIFIER).model();
      Tokens all = images(golden.tensor("pixel_values"));
      Tensor together = model.forward(all, Pass.EVALUATION).requireLogits();
      for (int i = 0; i < 3; i++) {
        Tensor alone = model.forward(all.sequences(i, 1), Pass.EVALUATION).requireLogits();
        requireClose("image " + i, together.narrow(0, i, 1), alone, Parity.FORWARD);
      }
    }
  }

  @Test
  void each_layer_shows_how_much_patches_look_at_each_other() {
    try (Scope scope = Scope.open();
        TensorFile golden = golden(CLASSIFIER, "golden-8x8")) {
      List<List<Tensor>> maps =
          load(CLASSIFIER).model().attentions(images(golden.tensor("pixel_values")));
      assertThat(maps).hasSize(2).allSatisfy(layer -> assertThat(layer).hasSize(3));
      assertThat(maps.get(0).get(0).shape()).containsExactly(4, 5, 5);
      assertThat(maps.get(1).get(2).sum(2).sub(Tensor.ones(DType.F32, 4, 5)).abs().max().item())
          .isLessThan(1e-5);
    }
  }

  // ---- dropout ----

  @Test
  void dropout_acts_in_training_as_its_key_says_and_never_in_evaluation() {
    try (Scope scope = Scope.open();
        TensorFile golden = golden(CLASSIFIER, "golden-16x16")) {
      Tokens images = images(golden.tensor("pixel_values"));
      Pretrained calm = load(CLASSIFIER);
      ModelConfig config =
          calm.config().with("hidden_dropout_prob", 0.5).with("attention_probs_dropout_prob", 0.5);
      Model model = Pretrained.random(config, null, calm.head(), KEY).model();
      Model same = Pretrained.random(calm.config(), null, calm.head(), KEY).model();
      Tensor off = model.forward(images, Pass.EVALUATION).requireLogits();
      Tensor on = model.forward(images, Pass.training(KEY)).requireLogits();
      assertThat(off.sameAs(same.forward(images, Pass.training(KEY)).requireLogits())).isTrue();
      assertThat(on.sameAs(off)).isFalse();
      assertThat(on.sameAs(model.forward(images, Pass.training(KEY)).requireLogits())).isTrue();
      assertThat(on.sameAs(model.forward(images, Pass.training(KEY.with(1))).requireLogits()))
          .isFalse();
    }
  }

  // ---- files ----

  @ParameterizedTest
  @ValueSource(strings = {CLASSIFIER, "vit-encoder"})
  void a_saved_folder_has_the_names_and_the_numbers_of_the_one_it_came_from(String name)
      throws IOException {
    Path saved = temporary.resolve("saved");
    load(name).save(saved, DType.F32);
    try (Scope scope = Scope.open();
        TensorFile before = TensorFile.open(folder(name).resolve("model.safetensors"));
        TensorFile after = TensorFile.open(saved.resolve("model.safetensors"))) {
      assertThat(after.names()).isEqualTo(before.names());
      before.names().forEach(n -> assertThat(after.tensor(n).sameAs(before.tensor(n))).isTrue());
    }
    assertThat(Files.exists(saved.resolve("preprocessor_config.json")))
        .isEqualTo(name.equals(CLASSIFIER));
    if (name.equals(CLASSIFIER)) {
      assertThat(Pretrained.load(saved, null, KEY).vision().size()).isEqualTo(16);
      assertThat(Pretrained.load(saved, null, KEY).config().labels())
          .containsExactly("circle", "square", "cross");
    }
  }

  @Test
  void a_new_head_leaves_the_weights_of_the_encoder_as_they_are() {
    Head head = new Head.SequenceClassification(List.of("cat", "dog"));
    Pretrained old = load(CLASSIFIER);
    for (Pretrained changed :
        List.of(Pretrained.load(folder(CLASSIFIER), head, KEY), old.withHead(head, KEY))) {
      assertThat(changed.report().drawn())
          .containsExactlyInAnyOrder("classifier.weight", "classifier.bias");
      assertThat(changed.vision().size()).isEqualTo(old.vision().size());
      Map<String, Parameter> before = Modules.parameters(old.model());
      Modules.parameters(changed.model())
          .forEach(
              (name, p) -> {
                if (!name.startsWith("classifier")) {
                  assertThat(p.value().sameAs(before.get(name).value())).as(name).isTrue();
                }
              });
    }
    assertThat(Pretrained.load(folder("vit-encoder"), head, KEY).report().unused())
        .containsKeys("pooler.dense.weight", "pooler.dense.bias");
  }

  @Test
  void layers_lie_above_the_embeddings_by_their_number() {
    Pretrained loaded = load(CLASSIFIER);
    Map<String, Integer> depths = new TreeMap<>();
    Map<Parameter, Integer> all = loaded.model().stack().depths();
    Modules.parameters(loaded.model())
        .forEach((name, p) -> depths.put(name, all.getOrDefault(p, -1)));
    assertThat(depths)
        .containsEntry("vit.embeddings.position_embeddings", 0)
        .containsEntry("vit.embeddings.patch_embeddings.projection.weight", 0)
        .containsEntry("vit.encoder.layer.0.output.dense.weight", 1)
        .containsEntry("vit.encoder.layer.1.attention.attention.query.bias", 2)
        .containsEntry("vit.layernorm.weight", -1)
        .containsEntry("classifier.weight", -1);
  }

  // ---- refusals ----

  @Test
  void tokens_of_texts_and_pixels_that_do_not_fit_are_refused() {
    try (Scope scope = Scope.open()) {
      Model model = load(CLASSIFIER).model();
      Segments segments = new Segments(new int[] {3}, new long[] {0});
      assertThatThrownBy(
              () -> model.forward(new Tokens(Tensor.arange(3), segments), Pass.EVALUATION))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("reads images");
      for (long[] shape :
          new long[][] {{1, 3, 15, 16}, {1, 1, 16, 16}, {1, 3, 0, 16}, {3, 16, 16}}) {
        Tensor wrong = Tensor.zeros(DType.F32, shape);
        Tokens tokens = new Tokens(Tensor.arange(3), null, segments, null, wrong);
        assertThatThrownBy(() -> model.forward(tokens, Pass.EVALUATION))
            .as(Arrays.toString(shape))
            .isInstanceOf(ModelException.class)
            .hasMessageContaining("whole patches of 4 pixels");
      }
      Tensor right = Tensor.zeros(DType.F32, 1, 3, 16, 16);
      assertThatThrownBy(
              () ->
                  model.forward(
                      new Tokens(Tensor.arange(3), null, segments, null, right), Pass.EVALUATION))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("1 images of 17 tokens each");
    }
  }

  @Test
  void sizes_that_cannot_be_are_refused_naming_the_key() {
    ModelConfig config = load(CLASSIFIER).config();
    Head head = new Head.None();
    assertThatThrownBy(() -> Pretrained.random(config.with("patch_size", 5), null, head, KEY))
        .hasMessageContaining("patch_size: 5 does not divide image_size");
    assertThatThrownBy(
            () -> Pretrained.random(config.with("num_attention_heads", 3), null, head, KEY))
        .hasMessageContaining("num_attention_heads");
    assertThatThrownBy(() -> Pretrained.random(config.with("image_size", 1 << 20), null, head, KEY))
        .hasMessageContaining("image_size");
    assertThatThrownBy(
            () ->
                Pretrained.random(
                    config, null, Head.named("masked-language-model", List.of()), KEY))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("ViTForImageClassification");
  }

  @Test
  void a_processor_whose_size_is_no_whole_number_of_patches_is_refused() throws IOException {
    Path copy = temporary.resolve("copy");
    load(CLASSIFIER).save(copy, DType.F32);
    Path file = copy.resolve("preprocessor_config.json");
    Files.writeString(file, Files.readString(file).replace("16", "18"));
    assertThatThrownBy(() -> Pretrained.load(copy, null, KEY))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("18 is not a multiple of 4");
  }

  // ---- what the tests stand on ----

  private static Path folder(String name) {
    return Resources.golden().resolve(name);
  }

  private static Pretrained load(String name) {
    return Pretrained.load(folder(name), null, KEY);
  }

  private static TensorFile golden(String folder, String name) {
    return TensorFile.open(folder(folder).resolve(name + ".safetensors"));
  }

  /** {@code [images, tokens, width]} end to end. */
  private static Tensor flat(Tensor states) {
    return states.reshape(states.size(0) * states.size(1), states.size(2));
  }

  private static Tokens images(Tensor pixels) {
    int n = (int) pixels.size(0);
    int[] lengths = new int[n];
    long[] rows = new long[n];
    Arrays.fill(lengths, (int) (1 + pixels.size(2) / PATCH * (pixels.size(3) / PATCH)));
    Arrays.setAll(rows, i -> i);
    Segments segments = new Segments(lengths, rows);
    return new Tokens(segments.positions(0), null, segments, null, pixels);
  }
}
