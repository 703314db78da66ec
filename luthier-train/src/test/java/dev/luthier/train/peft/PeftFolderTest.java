package dev.luthier.train.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.luthier.model.Head;
import dev.luthier.model.Pretrained;
import dev.luthier.model.nn.Modules;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.tensor.io.TensorFile;
import dev.luthier.tensor.io.TensorFiles;
import dev.luthier.train.Adapted;
import dev.luthier.train.TrainingException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeftFolderTest {
  private static final String CONFIG = "adapter_config.json";
  private static final String TENSORS = "adapter_model.safetensors";
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  /** A copy of a golden adapter with another configuration. */
  private Path changed(String golden, Consumer<ObjectNode> change) throws IOException {
    Path from = GoldenAdapter.of(golden).folder();
    Files.copy(from.resolve(TENSORS), folder.resolve(TENSORS));
    ObjectNode config = (ObjectNode) JSON.readTree(from.resolve(CONFIG).toFile());
    change.accept(config);
    Files.writeString(folder.resolve(CONFIG), config.toString());
    return folder;
  }

  /** A copy of a golden adapter with other tensors. */
  private Path withTensors(String golden, Consumer<Map<String, Tensor>> change) throws IOException {
    Path from = GoldenAdapter.of(golden).folder();
    Files.copy(from.resolve(CONFIG), folder.resolve(CONFIG));
    try (Scope scope = Scope.open();
        TensorFile file = TensorFile.open(from.resolve(TENSORS))) {
      Map<String, Tensor> tensors = new TreeMap<>();
      file.names().forEach(n -> tensors.put(n, file.tensor(n)));
      change.accept(tensors);
      TensorFiles.write(folder.resolve(TENSORS), tensors);
    }
    return folder;
  }

  private static void requireRefused(Path adapter, String... said) {
    Pretrained base = GoldenAdapter.base("base-bert");
    List<String> before = List.copyOf(Modules.parameters(base.model()).keySet());
    assertThatThrownBy(() -> PeftFolder.load(adapter, base))
        .isInstanceOf(TrainingException.class)
        .hasMessageContainingAll(said);
    assertThat(Modules.parameters(base.model()).keySet()).containsExactlyElementsOf(before);
  }

  @Test
  void every_key_of_the_reference_s_configuration_is_written_with_the_same_value()
      throws IOException {
    GoldenAdapter golden = GoldenAdapter.of("bert-rank-and-alpha-pattern");
    PeftFolder.load(golden.folder(), golden.base()).save(folder);
    JsonNode ours = JSON.readTree(folder.resolve(CONFIG).toFile());
    JsonNode theirs = JSON.readTree(golden.folder().resolve(CONFIG).toFile());
    theirs
        .properties()
        .forEach(
            e -> {
              if (!List.of("peft_version", "modules_to_save").contains(e.getKey())) {
                assertThat(ours.get(e.getKey())).as(e.getKey()).isEqualTo(e.getValue());
              }
            });
    assertThat(ours.properties()).hasSameSizeAs(theirs.properties());
    assertThat(ours.get("modules_to_save").toString()).isEqualTo("[\"classifier\"]");
  }

  @Test
  void keys_and_sets_are_written_in_alphabetical_order() throws IOException {
    Pretrained base = GoldenAdapter.base("base-bert");
    new LoraOptions().targets("value", "query").lora().apply(base, Rng.Key.of(0)).save(folder);
    String text = Files.readString(folder.resolve(CONFIG), StandardCharsets.UTF_8);
    assertThat(text)
        .startsWith("{\n  \"alora_invocation_tokens\": null,\n  \"alpha_pattern\": {},\n")
        .contains("  \"target_modules\": [\n    \"query\",\n    \"value\"\n  ],\n");
  }

  @Test
  void expressions_and_all_linear_are_written_as_the_paths_they_picked() throws IOException {
    Pretrained base = GoldenAdapter.base("base-bert");
    new LoraOptions().targets("regex:.*0.*query").lora().apply(base, Rng.Key.of(0)).save(folder);
    assertThat(JSON.readTree(folder.resolve(CONFIG).toFile()).get("target_modules").toString())
        .isEqualTo("[\"bert.encoder.layer.0.attention.self.query\"]");
  }

  @ParameterizedTest
  @CsvSource({"true, SEQ_CLS", "false, null"})
  void the_task_is_told_only_where_the_reference_would_save_the_same_parts(
      boolean withHead, String task) throws IOException {
    Pretrained base = GoldenAdapter.base("base-bert");
    LoraOptions options = new LoraOptions();
    Lora lora = (withHead ? options.modulesToSave("classifier") : options).lora();
    lora.apply(base, Rng.Key.of(0)).save(folder);
    assertThat(JSON.readTree(folder.resolve(CONFIG).toFile()).get("task_type").asText())
        .isEqualTo(task);
  }

  @Test
  void a_misspelt_key_is_an_error_that_names_the_nearest() throws IOException {
    requireRefused(
        changed("bert-plain", c -> c.set("lora_alhpa", c.remove("lora_alpha"))),
        CONFIG,
        "lora_alhpa",
        "did you mean lora_alpha?");
  }

  @Test
  void a_key_of_the_future_that_says_nothing_is_passed_over() throws IOException {
    Path adapter = changed("bert-plain", c -> c.putNull("some_new_config").put("use_more", false));
    PeftFolder.load(adapter, GoldenAdapter.base("base-bert"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"use_dora", "lora_bias", "use_qalora", "ensure_weight_tying"})
  void an_option_that_changes_the_mathematics_is_refused_by_name(String key) throws IOException {
    requireRefused(changed("bert-plain", c -> c.put(key, true)), key, "not supported");
  }

  @Test
  void more_that_cannot_be_done_is_refused_by_name() throws IOException {
    requireRefused(
        changed("bert-plain", c -> c.putArray("target_parameters").add("experts")),
        "target_parameters");
  }

  @Test
  void a_start_that_changed_the_base_is_refused() throws IOException {
    requireRefused(
        changed("bert-plain", c -> c.put("init_lora_weights", "pissa")), "init_lora_weights");
  }

  @Test
  void another_kind_of_adapter_is_refused() throws IOException {
    requireRefused(changed("bert-plain", c -> c.put("peft_type", "IA3")), "peft_type", "IA3");
  }

  @ParameterizedTest
  @ValueSource(strings = {"r", "lora_alpha", "target_modules"})
  void a_key_without_which_the_adapter_means_nothing_must_be_there(String key) throws IOException {
    requireRefused(changed("bert-plain", c -> c.remove(key)), key + ": is missing");
  }

  @Test
  void a_value_of_the_wrong_type_is_an_error() throws IOException {
    requireRefused(changed("bert-plain", c -> c.put("r", "eight")), "r: \"eight\" is not a whole");
  }

  @Test
  void a_missing_tensor_is_an_error() throws IOException {
    String key = "base_model.model.bert.encoder.layer.0.attention.self.query.lora_B.weight";
    requireRefused(withTensors("bert-plain", t -> t.remove(key)), "lacks " + key);
  }

  @Test
  void a_tensor_too_many_is_an_error() throws IOException {
    requireRefused(
        withTensors("bert-plain", t -> t.put("base_model.model.extra", Tensor.of(new int[] {1}))),
        "has base_model.model.extra, which this model has no place for");
  }

  @Test
  void another_rank_than_the_configuration_says_is_an_error() throws IOException {
    requireRefused(changed("bert-plain", c -> c.put("r", 5)), "has shape [4, 16]", "need [5, 16]");
  }

  @Test
  void a_value_that_is_not_finite_is_an_error() throws IOException {
    requireRefused(
        withTensors(
            "bert-plain",
            t -> {
              String key = t.keySet().iterator().next();
              t.put(key, t.get(key).copy().fill(Double.NaN));
            }),
        "not finite");
  }

  @Test
  void an_adapter_of_another_family_is_refused() {
    requireRefused(GoldenAdapter.of("roberta-plain").folder(), "lacks", "is it the base");
  }

  @Test
  void an_adapter_trained_on_other_weights_of_the_same_shape_is_refused() {
    Pretrained base = GoldenAdapter.base("base-bert");
    Adapted adapted =
        new LoraOptions().modulesToSave("classifier").lora().apply(base, Rng.Key.of(0));
    adapted.save(folder);
    PeftFolder.load(folder, GoldenAdapter.base("base-bert"));
    Pretrained other = GoldenAdapter.base("base-bert");
    Modules.parameters(other.model())
        .get("bert.encoder.layer.1.output.dense.weight")
        .draw(Rng.Key.of(9));
    assertThatThrownBy(() -> PeftFolder.load(folder, other))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("other base weights");
  }

  @Test
  void a_pickled_adapter_is_refused_unread() throws IOException {
    Files.copy(GoldenAdapter.of("bert-plain").folder().resolve(CONFIG), folder.resolve(CONFIG));
    Files.writeString(folder.resolve("adapter_model.bin"), "x");
    requireRefused(folder, "pickle");
  }

  @Test
  void a_cut_file_is_refused() throws IOException {
    Path adapter = changed("bert-plain", c -> {});
    byte[] all = Files.readAllBytes(adapter.resolve(TENSORS));
    Files.write(adapter.resolve(TENSORS), Arrays.copyOf(all, all.length / 2));
    requireRefused(adapter, TENSORS);
  }

  @Test
  void the_head_and_its_labels_travel_with_the_adapter() {
    Head head = new Head.SequenceClassification(List.of("é", "b"), Head.Kind.MULTI);
    Pretrained base = Pretrained.load(GoldenAdapter.resource("base-bert"), head, Rng.Key.of(5));
    new Lora().apply(base, Rng.Key.of(0)).save(folder);
    Pretrained plain = GoldenAdapter.base("base-bert");
    assertThat(PeftFolder.head(folder, plain.config())).contains(head);
    Pretrained again =
        Pretrained.load(
            GoldenAdapter.resource("base-bert"),
            PeftFolder.head(folder, plain.config()).orElseThrow(),
            Rng.Key.of(77));
    PeftFolder.load(folder, again);
    assertThat(Modules.parameters(again.model()).get("classifier.weight").value().shape())
        .containsExactly(2, 16);
  }

  @Test
  void the_head_of_a_foreign_adapter_is_known_by_its_task_and_size() {
    Pretrained base = GoldenAdapter.base("base-bert");
    assertThat(PeftFolder.head(GoldenAdapter.of("bert-plain").folder(), base.config()))
        .contains(new Head.SequenceClassification(List.of("negative", "neutral", "positive")));
    assertThat(PeftFolder.head(GoldenAdapter.of("bert-no-task").folder(), base.config())).isEmpty();
  }

  @Test
  void a_folder_is_an_adapter_if_it_has_the_configuration() {
    assertThat(PeftFolder.isAdapter(GoldenAdapter.of("bert-plain").folder())).isTrue();
    assertThat(PeftFolder.isAdapter(folder)).isFalse();
  }
}
