package dev.luthier.train.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.model.Head;
import dev.luthier.model.Pretrained;
import dev.luthier.model.Tokens;
import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.tensor.io.TensorFile;
import dev.luthier.testing.Proves;
import dev.luthier.train.Adaptation;
import dev.luthier.train.Adapted;
import dev.luthier.train.TrainingException;
import dev.luthier.train.precision.Bfloat16;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

@Proves("lora")
class LoraTest extends AdapterContract {
  @Override
  protected Adaptation subject() {
    return new LoraOptions().dropout(0.1).lora();
  }

  @Override
  protected List<String> goldens() {
    return List.of(
        "bert-plain",
        "bert-no-task",
        "bert-rslora",
        "bert-bias-lora-only",
        "bert-bias-all",
        "bert-modules-to-save",
        "bert-rank-and-alpha-pattern",
        "bert-layers-to-transform",
        "bert-all-linear",
        "bert-regex",
        "bert-exclude-modules",
        "bert-exclude-regex",
        "roberta-plain",
        "distilbert-plain",
        "llama-all-linear",
        "llama-attention");
  }

  @Override
  protected Map<String, Tensor> gradients(Adapted adapted) {
    return gradientsOf(adapted);
  }

  static Map<String, Tensor> gradientsOf(Adapted adapted) {
    Map<String, Tensor> out = new TreeMap<>();
    ((LoraAdapted) adapted).tensors().forEach((key, p) -> out.put(key, p.value().grad()));
    return out;
  }

  private static List<String> adapted(Pretrained model) {
    return Modules.all(model.model(), Linear.class).entrySet().stream()
        .filter(e -> e.getValue().delta() != null)
        .map(Map.Entry::getKey)
        .toList();
  }

  private Pretrained with(LoraOptions options) {
    Pretrained model = base();
    options.lora().apply(model, Rng.Key.of(1));
    return model;
  }

  @Test
  void the_defaults_are_rank_8_alpha_16_on_every_linear_layer_of_the_body() {
    assertThat(new Lora().r()).isEqualTo(8);
    assertThat(new Lora().alpha()).isEqualTo(16);
    assertThat(new Lora().scale(8, 16)).isEqualTo(2);
    assertThat(adapted(with(new LoraOptions())))
        .hasSize(12)
        .allMatch(n -> n.startsWith("bert.encoder.layer."));
  }

  @Test
  void before_the_first_step_the_logits_are_the_base_s_to_the_bit() {
    Pretrained model = base();
    try (Scope scope = Scope.open();
        TensorFile file = GoldenAdapter.of("bert-plain").values()) {
      Tensor before = GoldenAdapter.logits(model, file).detach();
      new Lora().apply(model, Rng.Key.of(1));
      assertThat(GoldenAdapter.logits(model, file).detach().sameAs(before)).isTrue();
    }
  }

  @Test
  void each_matrix_adds_rank_times_inputs_and_outputs() {
    Pretrained model =
        with(new LoraOptions().targets("query").modulesToSave("classifier", "pooler"));
    long head = 16 * 16 + 16 + 3 * 16 + 3;
    assertThat(Modules.countTrainable(model.model())).isEqualTo(2 * 8 * (16 + 16) + head);
  }

  @Test
  void a_new_head_is_trained_in_full_and_the_pooler_is_part_of_it() {
    Pretrained model = base();
    Adapted adapted = new Lora().apply(model, Rng.Key.of(1));
    assertThat(adapted.description()).contains("trained in full: bert.pooler, classifier");
    assertThat(trained(model, "bert.pooler.dense.weight")).isTrue();
    assertThat(trained(model, "classifier.bias")).isTrue();
  }

  @Test
  void a_head_that_came_with_the_model_stays_and_that_is_said() {
    Pretrained model = GoldenAdapter.base("base-bert");
    Adapted adapted = new Lora().apply(model, Rng.Key.of(1));
    assertThat(trained(model, "classifier.weight")).isFalse();
    assertThat(String.join("\n", adapted.description()))
        .contains("not trained in full, though of the head: bert.pooler, classifier");
  }

  @Test
  void a_new_head_that_would_be_lost_is_an_error() {
    assertThatThrownBy(() -> with(new LoraOptions().modulesToSave("pooler")))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("classifier.bias")
        .hasMessageContaining("modules-to-save");
  }

  private static boolean trained(Pretrained model, String name) {
    return Modules.parameters(model.model()).get(name).trainable();
  }

  @Test
  @Proves("lora-topk-layers")
  void only_the_listed_layers_get_an_adapter() {
    Pretrained model = base();
    Adapted adapted = new LoraOptions().layers(1).lora().apply(model, Rng.Key.of(1));
    assertThat(adapted(model)).hasSize(6).allMatch(n -> n.startsWith("bert.encoder.layer.1."));
    assertThat(adapted.description())
        .contains("  attention.self.query    layers 1 of 2, r 8, alpha 16");
  }

  @Test
  @Proves("lora-topk-layers")
  void a_layer_that_is_not_there_is_an_error() {
    assertThatThrownBy(() -> with(new LoraOptions().layers(0, 99)))
        .isInstanceOf(TrainingException.class)
        .hasMessage("layers: there is no layer 99; this model has 2, numbered 0 to 1");
  }

  @Test
  void selectors_pick_by_name_by_the_end_of_the_path_or_by_a_whole_expression() {
    assertThat(adapted(with(new LoraOptions().targets("attention.output.dense"))))
        .containsExactly(
            "bert.encoder.layer.0.attention.output.dense",
            "bert.encoder.layer.1.attention.output.dense");
    assertThat(adapted(with(new LoraOptions().targets("bert.encoder.layer.0.output.dense"))))
        .containsExactly("bert.encoder.layer.0.output.dense");
    assertThat(adapted(with(new LoraOptions().targets("regex:.*1\\.attention\\.self\\..*"))))
        .hasSize(3);
    assertThat(adapted(with(new LoraOptions().exclude("dense", "regex:.*\\.0\\..*key"))))
        .hasSize(5);
  }

  @Test
  void a_misspelt_selector_is_an_error_that_names_the_nearest() {
    assertThatThrownBy(() -> with(new LoraOptions().targets("query", "valeu")))
        .isInstanceOf(TrainingException.class)
        .hasMessageStartingWith(
            "targets: 'valeu' matches nothing in this model; the nearest name is 'value'");
    assertThatThrownBy(() -> with(new LoraOptions().exclude("kee")))
        .hasMessageContaining("exclude: 'kee'")
        .hasMessageContaining("'key'");
    assertThatThrownBy(() -> with(new LoraOptions().modulesToSave("clasifier", "pooler")))
        .hasMessageContaining("modules-to-save: 'clasifier'")
        .hasMessageContaining("'classifier'");
    assertThatThrownBy(() -> with(new LoraOptions().rankPattern("qeury", 2)))
        .hasMessageContaining("rank-pattern: 'qeury'");
  }

  @Test
  void patterns_change_rank_and_alpha_of_the_layers_they_end() {
    Pretrained model = with(new LoraOptions().rankPattern("query", 2));
    Map<String, Linear> layers = Modules.all(model.model(), Linear.class);
    assertThat(rank(layers.get("bert.encoder.layer.0.attention.self.query"))).isEqualTo(2);
    assertThat(rank(layers.get("bert.encoder.layer.0.attention.self.key"))).isEqualTo(8);
  }

  private static long rank(Linear layer) {
    return ((LoraDelta) layer.delta()).a().shape()[0];
  }

  @Test
  void dropout_of_a_sequence_does_not_depend_on_its_neighbours_in_the_batch() {
    Pretrained model = with(new LoraOptions().dropout(0.5));
    Practice.of(model, "bert-plain", 3, true);
    try (Scope scope = Scope.open();
        TensorFile file = GoldenAdapter.of("bert-plain").values()) {
      Pass pass = Pass.training(Rng.Key.of(11));
      Tokens all = GoldenAdapter.tokens(file);
      Tensor together = model.model().forward(all, pass).requireLogits().detach();
      int length = all.segments().length(0);
      Segments first = new Segments(new int[] {length}, new long[] {all.segments().row(0)});
      Tokens one =
          new Tokens(all.ids().narrow(0, 0, length), all.types().narrow(0, 0, length), first, null);
      Tensor alone = model.model().forward(one, pass).requireLogits().detach();
      assertThat(GoldenAdapter.difference(alone, together.narrow(0, 0, 1))).isLessThan(1e-5);
      Tensor other =
          model.model().forward(all, Pass.training(Rng.Key.of(12))).requireLogits().detach();
      assertThat(GoldenAdapter.difference(other, together)).isGreaterThan(1e-3);
    }
  }

  @Test
  void a_gaussian_start_has_deviation_one_over_the_rank() {
    Pretrained model = with(new LoraOptions().init(Lora.Start.GAUSSIAN));
    Linear layer =
        Modules.all(model.model(), Linear.class).get("bert.encoder.layer.0.output.dense");
    Tensor a = ((LoraDelta) layer.delta()).a().value().detach();
    double deviation = Math.sqrt(a.mul(a).mean().item());
    assertThat(deviation).isBetween(0.8 / 8, 1.2 / 8);
  }

  @Test
  void values_out_of_range_are_refused_by_name() {
    assertThatThrownBy(() -> new Lora(0, 16)).hasMessage("r must be above 0, not 0");
    assertThatThrownBy(() -> new Lora(8, -1)).hasMessage("alpha must be above 0, not -1.0");
    assertThatThrownBy(() -> new LoraOptions().dropout(1).lora())
        .hasMessage("dropout must be in [0, 1), not 1.0");
    assertThatThrownBy(() -> new LoraOptions().targets("regex:(").lora())
        .hasMessageContaining("is not a regular expression");
    assertThatThrownBy(() -> new LoraOptions().targets(" ").lora()).hasMessageContaining("blank");
  }

  @Test
  void a_model_cannot_be_adapted_twice() {
    Pretrained model = with(new LoraOptions());
    assertThatThrownBy(() -> new Lora().apply(model, Rng.Key.of(2)))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("carries an adapter already");
    assertThatThrownBy(() -> new FullTuning().apply(model, Rng.Key.of(2)))
        .hasMessageContaining("full: ")
        .hasMessageContaining("carries an adapter already");
  }

  @Test
  void once_merged_the_model_can_be_adapted_again() {
    Pretrained model = GoldenAdapter.base("base-bert");
    new Lora().apply(model, Rng.Key.of(1)).merge();
    new Lora().apply(model, Rng.Key.of(2));
    assertThat(adapted(model)).hasSize(12);
  }

  @Test
  void update_of_a_base_in_bfloat16_is_merged_without_rounding_the_sum() {
    Map<String, Parameter> narrow = mergedInBfloat16(false);
    Map<String, Parameter> wide = mergedInBfloat16(true);
    assertThat(narrow).hasSameSizeAs(wide);
    List<String> widened = new ArrayList<>();
    narrow.forEach(
        (name, p) -> {
          if (p.shape().length > 1 && p.value().dtype() == DType.F32) {
            assertThat(p.value().sameAs(wide.get(name).value())).as(name).isTrue();
            widened.add(name);
          }
        });
    assertThat(widened).hasSizeGreaterThan(12);
  }

  /** An adapter merged into its rounded base. */
  private static Map<String, Parameter> mergedInBfloat16(boolean widened) {
    Pretrained model = GoldenAdapter.base("base-llama");
    Adapted adapter = PeftFolder.load(GoldenAdapter.resource("llama-all-linear"), model);
    assertThat(new Bfloat16().apply(model.model())).isNotEmpty();
    if (widened) {
      Modules.parameters(model.model()).values().forEach(p -> p.set(p.value(), DType.F32));
    }
    adapter.merge();
    return Modules.parameters(model.model());
  }

  @Test
  void what_was_frozen_before_is_not_thawed_in_silence() {
    Pretrained model = base();
    new FreezeLayers().apply(model, Rng.Key.of(1));
    assertThatThrownBy(() -> new Lora().apply(model, Rng.Key.of(1)))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("was frozen before");
  }

  @Test
  void parts_of_the_adapter_can_be_frozen_after_it() {
    Pretrained model = with(new LoraOptions());
    new FreezeLayers(false, 0, List.of(), List.of("lora_A"), List.of()).apply(model, Rng.Key.of(1));
    String query = "bert.encoder.layer.0.attention.self.query.";
    assertThat(trained(model, query + "lora_A.weight")).isFalse();
    assertThat(trained(model, query + "lora_B.weight")).isTrue();
    assertThat(trained(model, query + "weight")).isFalse();
  }

  @Test
  void every_linear_layer_of_a_bare_encoder_can_be_adapted() {
    Pretrained bare =
        Pretrained.load(GoldenAdapter.resource("base-bert"), new Head.None(), Rng.Key.of(0));
    new Lora().apply(bare, Rng.Key.of(1));
    assertThat(adapted(bare)).hasSize(12);
  }
}
