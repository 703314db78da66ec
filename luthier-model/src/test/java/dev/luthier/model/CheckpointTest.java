package dev.luthier.model;

import static dev.luthier.model.Golden.requireClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Pass;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.tensor.io.TensorFile;
import dev.luthier.tensor.io.TensorFileException;
import dev.luthier.tensor.io.TensorFiles;
import dev.luthier.testing.Proves;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files as the world has them, whole and broken. */
class CheckpointTest {
  private static final Rng.Key KEY = Rng.Key.of(3);
  private static final Path GOLDEN = Resources.golden();

  @TempDir Path folder;

  // ---- spellings and layouts ----

  @Test
  void an_old_bare_encoder_loads_with_its_spare_tensors_named() {
    try (Scope scope = Scope.open()) {
      Path old = GOLDEN.resolve("bert-old-spelling");
      Golden golden = Golden.open(old, "golden.safetensors");
      Pretrained model = Pretrained.load(old, null, KEY);
      Tensor hidden = model.model().forward(golden.tokens(), Pass.EVALUATION).hidden();
      requireClose("hidden", hidden, golden.real("last_hidden_state"), 1e-5);
      assertThat(model.report().unused())
          .containsOnlyKeys("embeddings.position_ids", "pooler.dense.weight", "pooler.dense.bias");
      assertThat(model.report().lines())
          .anyMatch(l -> l.contains("embeddings.position_ids (a buffer)"));
    }
  }

  @Test
  void a_pretraining_checkpoint_gives_its_masked_word_head_and_its_pooler() {
    try (Scope scope = Scope.open()) {
      Path old = GOLDEN.resolve("bert-old-pretraining");
      Golden golden = Golden.open(old, "golden.safetensors");
      Pretrained model = Pretrained.load(old, null, KEY);
      assertThat(model.head()).isEqualTo(new Head.MaskedLanguageModel());
      Tensor logits = model.model().forward(golden.tokens(), Pass.EVALUATION).requireLogits();
      requireClose("logits", logits, golden.logits(), 1e-5);

      Head head = new Head.SequenceClassification(List.of("a", "b"));
      LoadReport report = Pretrained.load(old, head, KEY).report();
      assertThat(report.drawn()).containsExactly("classifier.weight", "classifier.bias");
      assertThat(report.unused()).containsKeys("cls.predictions.bias", "cls.seq_relationship.bias");
      assertThat(report.notes()).contains("the sequence-classification head is new");
    }
  }

  @ParameterizedTest
  @CsvSource({"bert-float16, 1e-5", "bert-bfloat16, 1e-5", "bert-sharded, 1e-5"})
  @Proves("hf-checkpoint")
  void narrow_and_sharded_weights_load(String name, double bound) {
    try (Scope scope = Scope.open()) {
      Golden golden = Golden.open(GOLDEN.resolve(name), "golden.safetensors");
      Pretrained model = Pretrained.load(GOLDEN.resolve(name), null, KEY);
      Tensor logits = model.model().forward(golden.tokens(), Pass.EVALUATION).requireLogits();
      requireClose("logits", logits, golden.logits(), bound);
      Modules.parameters(model.model())
          .values()
          .forEach(p -> assertThat(p.value().dtype()).isEqualTo(DType.F32));
    }
  }

  // ---- what does not fit ----

  @Test
  void a_missing_tensor_is_named() throws IOException {
    Path broken = changed(t -> t.remove("bert.encoder.layer.1.output.dense.weight"));
    assertThatThrownBy(() -> Pretrained.load(broken, null, KEY))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("model.safetensors")
        .hasMessageContaining("'bert.encoder.layer.1.output.dense.weight' is missing");
  }

  @Test
  void a_missing_tensor_of_the_checkpoints_own_head_is_named() throws IOException {
    Path broken = changed(t -> t.remove("classifier.bias"));
    Head own = new Head.SequenceClassification(List.of("negative", "neutral", "positive"));
    for (Head head : new Head[] {null, own}) {
      assertThatThrownBy(() -> Pretrained.load(broken, head, KEY))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("'classifier.bias' is missing")
          .hasMessageContaining("name the head you want");
    }
  }

  @Test
  @Proves("hf-checkpoint")
  void several_missing_and_several_superfluous_tensors_are_listed() throws IOException {
    String q = "bert.encoder.layer.1.attention.self.query.";
    Path missing = changed(t -> t.keySet().removeIf(n -> n.startsWith(q)));
    assertThatThrownBy(() -> Pretrained.load(missing, null, KEY))
        .hasMessageContaining("the tensors '" + q + "bias', '" + q + "weight' are missing");
    Path extra =
        changed(
            t -> {
              t.put("bert.a", zeros(1));
              t.put("bert.b", zeros(1));
            });
    assertThatThrownBy(() -> Pretrained.load(extra, null, KEY))
        .hasMessageContaining("the tensors 'bert.a', 'bert.b' have no place");
  }

  @Test
  void a_tensor_without_a_place_is_named() throws IOException {
    Path broken = changed(t -> t.put("bert.encoder.layer.2.output.dense.bias", zeros(16)));
    assertThatThrownBy(() -> Pretrained.load(broken, null, KEY))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("'bert.encoder.layer.2.output.dense.bias' has no place");
  }

  @Test
  void a_tensor_of_another_shape_is_named_with_both_shapes() throws IOException {
    Path broken = changed(t -> t.put("bert.embeddings.word_embeddings.weight", zeros(100, 16)));
    assertThatThrownBy(() -> Pretrained.load(broken, null, KEY))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("bert.embeddings.word_embeddings.weight")
        .hasMessageContaining("[100, 16]")
        .hasMessageContaining("[128, 16]");
    Path labels = changed(t -> t.put("classifier.weight", zeros(5, 16)));
    assertThatThrownBy(() -> Pretrained.load(labels, null, KEY))
        .hasMessageContaining("[5, 16]")
        .hasMessageContaining("the number of labels differs");
  }

  @Test
  void one_parameter_under_two_names_must_be_one_value() throws IOException {
    Path twice =
        changed(
            t -> t.put("embeddings.LayerNorm.gamma", t.get("bert.embeddings.LayerNorm.weight")));
    assertThat(Pretrained.load(twice, null, KEY).report().drawn()).isEmpty();
    Path differing = changed(t -> t.put("embeddings.LayerNorm.gamma", zeros(16)));
    assertThatThrownBy(() -> Pretrained.load(differing, null, KEY))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("embeddings.LayerNorm.gamma")
        .hasMessageContaining("differ in the file");
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void weights_that_are_not_numbers_are_named(float bad) throws IOException {
    String name = "bert.encoder.layer.0.attention.self.query.bias";
    Path broken = changed(t -> t.get(name).narrow(0, 3, 1).fill(bad));
    assertThatThrownBy(() -> Pretrained.load(broken, null, KEY))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("'" + name + "' holds NaN or infinite values");
  }

  @Test
  void a_truncated_file_is_named() throws IOException {
    Path broken = changed(t -> {});
    Path file = broken.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length - 7));
    assertThatThrownBy(() -> Pretrained.load(broken, null, KEY))
        .isInstanceOf(TensorFileException.class)
        .hasMessageContaining("model.safetensors");
  }

  @Test
  void a_folder_without_the_right_files_says_what_to_do() throws IOException {
    assertThatThrownBy(() -> Pretrained.load(folder.resolve("none"), null, KEY))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("there is no such folder");
    assertThatThrownBy(() -> Pretrained.load(folder, null, KEY))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("no config.json");
    Files.copy(golden().resolve("config.json"), folder.resolve("config.json"));
    assertThatThrownBy(() -> Pretrained.load(folder, null, KEY))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("no model.safetensors");
    Files.createFile(folder.resolve("pytorch_model.bin"));
    assertThatThrownBy(() -> Pretrained.load(folder, null, KEY))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("pickle")
        .hasMessageContaining("safetensors");
  }

  // ---- tokenizers ----

  @Test
  @Proves("hf-checkpoint")
  void a_saved_folder_holds_the_tokenizer_too() throws IOException {
    Path source = changed(t -> {});
    addTokenizer(source, "wordpiece");
    Pretrained model = Pretrained.load(source, null, KEY);
    model.save(folder.resolve("saved"), DType.F32);
    Pretrained again = Pretrained.load(folder.resolve("saved"), null, KEY);
    assertThat(again.tokenizer()).isEqualTo(model.tokenizer());
    assertThat(again.tokenizer().encode("good").ids())
        .isEqualTo(model.tokenizer().encode("good").ids());
    assertThat(again.report().notes()).isEmpty();
  }

  @Test
  void the_tokenizer_of_another_model_is_refused_naming_both() throws IOException {
    Path wrong = changed(t -> {});
    addTokenizer(wrong, "byte-level-bpe");
    assertThatThrownBy(() -> Pretrained.load(wrong, null, KEY))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("tokenizer.json: gives ids up to 305")
        .hasMessageContaining("config.json has vocab_size 128");
  }

  @Test
  void a_tokenizer_whose_padding_is_another_token_is_refused() throws IOException {
    Path wrong = changed(t -> {});
    addTokenizer(wrong, "wordpiece");
    Path config = wrong.resolve("config.json");
    Files.writeString(
        config, Files.readString(config).replace("\"pad_token_id\": 0", "\"pad_token_id\": 1"));
    assertThatThrownBy(() -> Pretrained.load(wrong, null, KEY))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("padding token has id 0")
        .hasMessageContaining("pad_token_id 1");
  }

  @Test
  void a_model_without_a_tokenizer_says_so_when_it_is_asked_for_it() {
    Pretrained model = Pretrained.load(golden(), null, KEY);
    assertThat(model.report().notes()).contains("there is no tokenizer beside the model");
    assertThatThrownBy(model::tokenizer)
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("tokenizer.json (or vocab.txt)");
  }

  // ---- saving ----

  @Test
  void saving_over_a_model_replaces_its_files_and_leaves_others() throws IOException {
    Path target = changed(t -> {});
    Files.writeString(target.resolve("notes.txt"), "mine");
    Pretrained other =
        Pretrained.random(
            ModelConfig.read(golden()), null, new Head.QuestionAnswering(), KEY.with("x"));
    other.save(target, DType.F32);
    assertThat(Pretrained.load(target, null, KEY).head()).isEqualTo(new Head.QuestionAnswering());
    assertThat(target.resolve("notes.txt")).hasContent("mine");
  }

  @Test
  void weights_that_are_not_finite_or_do_not_fit_the_type_are_not_saved() {
    Pretrained model = Pretrained.load(golden(), null, KEY);
    Tensor bias = Modules.parameters(model.model()).get("classifier.bias").value();
    bias.detach().fill(1e6);
    Path saved = folder.resolve("saved");
    assertThatThrownBy(() -> model.save(saved, DType.F16))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("'classifier.bias'")
        .hasMessageContaining("save it as F32 or BF16");
    bias.detach().fill(Double.NaN);
    assertThatThrownBy(() -> model.save(saved, DType.F32))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("not finite");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void a_folder_that_cannot_be_written_is_named() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    assertThatThrownBy(
            () -> Pretrained.load(golden(), null, KEY).save(file.resolve("x"), DType.F32))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("cannot be saved");
  }

  // ---- helpers ----

  private static Path golden() {
    return GOLDEN.resolve("bert-sequence-classification");
  }

  /** A copy of a golden folder whose tensors the test has changed. */
  private Path changed(Consumer<Map<String, Tensor>> change) throws IOException {
    Path copy = Files.createTempDirectory(folder, "model");
    Files.copy(golden().resolve("config.json"), copy.resolve("config.json"));
    try (Scope scope = Scope.open();
        TensorFile file = TensorFile.open(golden().resolve("model.safetensors"))) {
      Map<String, Tensor> tensors = new TreeMap<>();
      file.names().forEach(n -> tensors.put(n, file.tensor(n)));
      change.accept(tensors);
      tensors.replaceAll((n, t) -> t.copy());
      TensorFiles.write(copy.resolve("model.safetensors"), tensors);
    }
    return copy;
  }

  private static void addTokenizer(Path into, String name) throws IOException {
    for (String file : List.of("tokenizer.json", "tokenizer_config.json")) {
      Files.copy(GOLDEN.resolve("tokenizers").resolve(name).resolve(file), into.resolve(file));
    }
  }

  private static Tensor zeros(long... shape) {
    return Tensor.zeros(DType.F32, shape);
  }
}
