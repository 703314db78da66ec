package dev.luthier.model;

import static dev.luthier.model.Golden.requireClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.model.t5.T5Model;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.tensor.io.TensorFiles;
import dev.luthier.testing.Proves;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Beside the reference's values (parity/golden_t5.py). */
class T5Test {
  private static final Rng.Key KEY = Rng.Key.of(11);
  private static final Head HEAD = new Head.SequenceToSequence();

  @TempDir private Path temporary;

  private static Path folder(String name) {
    return Resources.golden().resolve("t5-" + name);
  }

  private static Pretrained load(String name) {
    return Pretrained.load(folder(name), null, KEY);
  }

  // ---- numbers ----

  @ParameterizedTest
  @ValueSource(strings = {"relu-tied", "gated"})
  @Proves("loss-seq2seq")
  void states_logits_loss_and_all_gradients_are_those_of_the_reference(String name) {
    try (Scope scope = Scope.open()) {
      SourcesAndTargets golden = SourcesAndTargets.open(folder(name));
      Pretrained loaded = load(name);
      assertThat(loaded.head()).isEqualTo(HEAD);
      assertThat(loaded.report().drawn()).isEmpty();
      Outputs out = loaded.model().forward(golden.tokens(), Pass.EVALUATION);
      Tensor source = golden.ofSources(out.hidden());
      requireClose("encoder", source, golden.source("encoder_last_hidden_state"), Parity.FORWARD);
      requireClose(
          "decoder",
          golden.ofTargets(out.hidden()),
          golden.target("last_hidden_state"),
          Parity.FORWARD);
      requireClose("logits", out.requireLogits(), golden.target("logits"), Parity.FORWARD);
      Tensor sum =
          Functional.crossEntropySum(out.requireLogits(), golden.target("labels"), null, 0);
      requireClose("loss", sum, golden.values().value("loss_sum"), Parity.FORWARD);
      sum.div(golden.values().value("loss_weight").item()).backward();
      golden.values().requireGradients(Parity.gradients(loaded.model()), Parity.GRADIENT);
    }
  }

  @Test
  void a_head_is_scaled_and_the_word_table_where_the_file_ties_them() {
    Map<String, Parameter> tied = Modules.ownParameters(load("relu-tied").model());
    assertThat(tied.get("lm_head.weight")).isSameAs(tied.get("shared.weight"));
    Map<String, Parameter> own = Modules.ownParameters(load("gated").model());
    assertThat(own.get("lm_head.weight")).isNotSameAs(own.get("shared.weight"));
    for (Map<String, Parameter> names : List.of(tied, own)) {
      assertThat(names.get("encoder.embed_tokens.weight"))
          .isSameAs(names.get("decoder.embed_tokens.weight"))
          .isSameAs(names.get("shared.weight"));
    }
  }

  // ---- what sees what ----

  private static Tokens pair(int[] source, int... target) {
    return pairs(List.of(source), List.of(target));
  }

  private static Tokens pairs(List<int[]> sources, List<int[]> targets) {
    return SourcesAndTargets.laid(
        sources.stream().map(T5Test::longs).toList(), targets.stream().map(T5Test::longs).toList());
  }

  private static long[] longs(int... ids) {
    return Arrays.stream(ids).asLongStream().toArray();
  }

  private static Tensor logits(Model model, Tokens tokens) {
    return model.forward(tokens, Pass.EVALUATION).requireLogits();
  }

  @Test
  void an_example_in_a_batch_gets_the_logits_it_gets_alone() {
    try (Scope scope = Scope.open()) {
      Model model = load("relu-tied").model();
      List<int[]> sources = List.of(new int[] {5, 6, 7, 1}, new int[] {9, 1}, new int[] {8, 1});
      List<int[]> targets = List.of(new int[] {9, 1}, new int[] {4, 5, 6, 1}, new int[] {70, 1});
      Tensor together = logits(model, pairs(sources, targets));
      int at = 0;
      for (int i = 0; i < sources.size(); i++) {
        Tensor alone = logits(model, pair(sources.get(i), targets.get(i)));
        int n = targets.get(i).length;
        requireClose("example " + i, together.narrow(0, at, n), alone, Parity.FORWARD);
        at += n;
      }
    }
  }

  @Test
  void a_target_token_is_made_of_its_source_and_of_those_before_it_but_not_of_itself() {
    try (Scope scope = Scope.open()) {
      Model model = load("gated").model();
      Tensor before = logits(model, pair(new int[] {5, 6, 1}, 7, 8, 9, 1));
      Tensor after = logits(model, pair(new int[] {5, 6, 1}, 7, 80, 9, 1));
      requireClose("up to it", after.narrow(0, 0, 2), before.narrow(0, 0, 2), 1e-7);
      assertThat(after.narrow(0, 2, 2).sub(before.narrow(0, 2, 2)).abs().max().item())
          .isGreaterThan(1e-2);
      Tensor other = logits(model, pair(new int[] {5, 60, 1}, 7, 8, 9, 1));
      for (int row = 0; row < 4; row++) {
        assertThat(other.select(0, row).sub(before.select(0, row)).abs().max().item())
            .as("row %d sees the source", row)
            .isGreaterThan(1e-2);
      }
    }
  }

  @Test
  void the_source_sees_no_target_and_the_first_states_differ_by_what_comes_later() {
    try (Scope scope = Scope.open()) {
      Model model = load("gated").model();
      Tensor one = model.forward(pair(new int[] {5, 6, 1}, 7, 8), Pass.EVALUATION).hidden();
      Tensor two = model.forward(pair(new int[] {5, 6, 1}, 9, 9), Pass.EVALUATION).hidden();
      requireClose("source", two.narrow(0, 0, 3), one.narrow(0, 0, 3), 1e-7);
      Tensor three = model.forward(pair(new int[] {5, 60, 1}, 7, 8), Pass.EVALUATION).hidden();
      assertThat(three.select(0, 0).sub(one.select(0, 0)).abs().max().item()).isGreaterThan(1e-2);
    }
  }

  @Test
  void only_wanted_logits_are_computed_and_they_are_those_of_the_whole() {
    try (Scope scope = Scope.open()) {
      Model model = load("relu-tied").model();
      Tokens all =
          pairs(
              List.of(new int[] {5, 6, 7, 1}, new int[] {9, 1}),
              List.of(new int[] {9, 8, 1}, new int[] {4, 1}));
      Tensor whole = logits(model, all);
      Tensor wanted = Tensor.of(new long[] {5, 6, 10}, 3);
      Tokens some = new Tokens(all.ids(), all.types(), all.segments(), wanted);
      Tensor rows = whole.indexSelect(0, Tensor.of(new long[] {1, 2, 4}, 3));
      requireClose("wanted", logits(model, some), rows, 1e-6);
      Readout readout = model.readout(some, Pass.EVALUATION);
      requireClose("readout", readout.layer().product(readout.hidden()), rows, 1e-6);
      Tokens source =
          new Tokens(all.ids(), all.types(), all.segments(), Tensor.of(new long[] {0}, 1));
      assertThatThrownBy(() -> logits(model, source))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("token 0 of the batch is a source's");
    }
  }

  @Test
  void what_is_not_a_source_with_a_target_is_refused_with_its_row() {
    try (Scope scope = Scope.open()) {
      Model model = load("gated").model();
      Segments two = new Segments(new int[] {2, 2}, new long[] {3, 8});
      Tensor ids = Tensor.of(new long[] {5, 6, 7, 8}, 4);
      assertThatThrownBy(() -> logits(model, new Tokens(ids, two)))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("row 3")
          .hasMessageContaining("sequence-to-sequence");
      for (long[] types : new long[][] {{0, 1, 0, 0}, {0, 1, 1, 1}, {0, 1, 1, 0}}) {
        Tokens wrong = new Tokens(ids, Tensor.of(types, 4), two, null);
        assertThatThrownBy(() -> logits(model, wrong)).hasMessageContaining("row 8");
      }
      Tensor unknown = Tensor.of(new long[] {5, 6, 7, 96}, 4);
      Tensor types = Tensor.of(new long[] {0, 1, 0, 1}, 4);
      assertThatThrownBy(() -> logits(model, new Tokens(unknown, types, two, null)))
          .hasMessageContaining("token id 96 (row 8)");
    }
  }

  // ---- training passes ----

  @Test
  void dropout_is_a_function_of_the_example_however_the_batch_is_made() throws IOException {
    Path dropping = Files.createDirectories(temporary.resolve("dropping"));
    String config = Files.readString(folder("gated").resolve("config.json"));
    Files.writeString(
        dropping.resolve("config.json"),
        config.replace("\"dropout_rate\": 0.0", "\"dropout_rate\": 0.3"));
    Files.copy(folder("gated").resolve("model.safetensors"), dropping.resolve("model.safetensors"));
    Model model = Pretrained.load(dropping, null, KEY).model();
    try (Scope scope = Scope.open()) {
      SourcesAndTargets golden = SourcesAndTargets.open(folder("gated"));
      Pass pass = Pass.training(KEY);
      Tensor together = model.forward(golden.tokens(), pass).requireLogits();
      Tensor again = model.forward(golden.tokens(), pass).requireLogits();
      assertThat(again.sameAs(together)).isTrue();
      Tensor plain = model.forward(golden.tokens(), Pass.EVALUATION).requireLogits();
      assertThat(plain.sub(together).abs().max().item()).isGreaterThan(0.1);
      int at = 0;
      for (int i = 0; i < golden.count(); i++) {
        Tensor alone = model.forward(golden.tokens().sequences(i, 1), pass).requireLogits();
        int n = Math.toIntExact(alone.size(0));
        requireClose("example " + i, alone, together.narrow(0, at, n), Parity.FORWARD);
        at += n;
      }
    }
  }

  // ---- heads ----

  @Test
  void a_bare_model_gives_states_and_a_head_can_be_put_on_it() {
    try (Scope scope = Scope.open()) {
      Tokens tokens = pair(new int[] {5, 6, 1}, 7, 1);
      Pretrained bare = Pretrained.load(folder("relu-tied"), new Head.None(), KEY);
      assertThat(bare.config().architectures()).containsExactly("T5Model");
      assertThat(bare.model().forward(tokens, Pass.EVALUATION).logits()).isNull();
      Tensor again = logits(bare.withHead(HEAD, KEY).model(), tokens);
      requireClose("logits", again, logits(load("relu-tied").model(), tokens), 1e-7);
      Pretrained other = Pretrained.load(folder("gated"), new Head.None(), KEY).withHead(HEAD, KEY);
      assertThat(other.report().drawn()).containsExactly("lm_head.weight");
    }
  }

  @Test
  void a_head_that_t5_lacks_is_refused_naming_those_it_has() {
    assertThatThrownBy(() -> Pretrained.load(folder("gated"), new Head.CausalLanguageModel(), KEY))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("causal-language-model")
        .hasMessageContaining("T5ForConditionalGeneration");
    assertThatThrownBy(
            () -> Pretrained.load(Resources.golden().resolve("llama-causal-lm"), HEAD, KEY))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("sequence-to-sequence")
        .hasMessageContaining("LlamaForCausalLM");
  }

  // ---- files ----

  @ParameterizedTest
  @Proves("hf-checkpoint")
  @ValueSource(strings = {"relu-tied", "gated"})
  void a_saved_folder_loads_to_the_same_bits_and_saves_to_the_same_bytes(String name)
      throws IOException {
    Pretrained first = load(name);
    Path one = temporary.resolve("one");
    Path two = temporary.resolve("two");
    first.save(one, DType.F32);
    Pretrained second = Pretrained.load(one, null, KEY.with("other"));
    second.save(two, DType.F32);
    for (String file : List.of("config.json", "model.safetensors")) {
      assertThat(two.resolve(file)).hasSameBinaryContentAs(one.resolve(file));
    }
    assertThat(one.resolve("model.safetensors"))
        .hasSameBinaryContentAs(folder(name).resolve("model.safetensors"));
  }

  @Test
  @Proves("hf-checkpoint")
  void copies_of_the_word_table_and_a_table_that_is_never_read_do_no_harm() {
    try (Scope scope = Scope.open()) {
      Map<String, Tensor> weights = new HashMap<>(stored("relu-tied"));
      Tensor words = weights.get("shared.weight");
      for (String name : List.of("encoder.embed_tokens", "decoder.embed_tokens", "lm_head")) {
        weights.put(name + ".weight", words.copy());
      }
      String unread = "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight";
      weights.put(unread, Tensor.zeros(DType.F32, 8, 4));
      Pretrained loaded = written("relu-tied", weights);
      assertThat(loaded.report().unused()).containsOnlyKeys(unread);
      Tokens tokens = pair(new int[] {5, 6, 1}, 7, 1);
      requireClose(
          "logits",
          logits(loaded.model(), tokens),
          logits(load("relu-tied").model(), tokens),
          1e-7);
      weights.put("encoder.embed_tokens.weight", words.add(1));
      assertThatThrownBy(() -> written("relu-tied", weights))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("encoder.embed_tokens.weight")
          .hasMessageContaining("are one parameter of this network but differ");
    }
  }

  @Test
  @Proves("hf-checkpoint")
  void files_of_version_5_say_by_their_own_key_how_the_output_is_read() throws IOException {
    Path five = Files.createDirectories(temporary.resolve("five"));
    Files.copy(folder("gated").resolve("model.safetensors"), five.resolve("model.safetensors"));
    String config = Files.readString(folder("gated").resolve("config.json"));
    Files.writeString(
        five.resolve("config.json"),
        config.replace(
            "\"tie_word_embeddings\": false",
            "\"scale_decoder_outputs\": false, \"tie_word_embeddings\": true"));
    try (Scope scope = Scope.open()) {
      Tokens tokens = pair(new int[] {5, 6, 1}, 7, 1);
      requireClose(
          "logits",
          logits(Pretrained.load(five, null, KEY).model(), tokens),
          logits(load("gated").model(), tokens),
          1e-7);
    }
  }

  private static Map<String, Tensor> stored(String name) {
    Map<String, Tensor> out = new TreeMap<>();
    Modules.parameters(load(name).model()).forEach((n, p) -> out.put(n, p.value().detach()));
    return out;
  }

  private Pretrained written(String config, Map<String, Tensor> weights) {
    try {
      Path into = Files.createTempDirectory(temporary, "written");
      Files.copy(folder(config).resolve("config.json"), into.resolve("config.json"));
      TensorFiles.write(into.resolve("model.safetensors"), weights);
      return Pretrained.load(into, null, KEY);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"feed_forward_proj\": \"swigloo\" | feed_forward_proj: activation 'swigloo' is not one of",
        "\"feed_forward_proj\": \"gated-gated-gelu\" | feed_forward_proj: activation 'gated-gelu'",
        "\"feed_forward_proj\": 3 | feed_forward_proj: 3 is not a text",
        "\"relative_attention_num_buckets\": 3 | relative_attention_num_buckets: 3 is not a whole",
        "\"relative_attention_max_distance\": 16 | relative_attention_max_distance: 16 is not above"
            + " half of relative_attention_num_buckets",
        "\"decoder_start_token_id\": 32128 | decoder_start_token_id: 32128 is not a whole number",
        "\"num_heads\": 0 | num_heads: 0 is not a whole number from 1",
        "\"d_kv\": 2147483647 | d_kv: 2147483647 is not a whole number from 1",
        "\"num_decoder_layers\": -1 | num_decoder_layers: -1 is not a whole number from 1",
        "\"dropout_rate\": 1 | dropout_rate: 1 is not a number from 0",
        "\"is_encoder_decoder\": false | is_encoder_decoder: false is not supported",
        "\"tie_word_embeddings\": \"no\" | tie_word_embeddings: \"no\" is neither true nor false",
        "\"quantization_config\": {\"bits\": 4} | quantization_config: quantized weights",
      })
  void a_value_that_cannot_be_is_named_with_its_key(String entry, String message) {
    ModelConfig config = ModelConfig.parse("{\"model_type\": \"t5\", " + entry + "}");
    assertThatThrownBy(() -> Family.of(config).build(config, HEAD))
        .isInstanceOf(ModelException.class)
        .hasMessageStartingWith("config.json: ")
        .hasMessageContaining(message.strip());
  }

  @Test
  void what_the_file_does_not_say_is_as_in_the_first_t5() {
    ModelConfig config = ModelConfig.parse("{\"model_type\": \"t5\", \"num_layers\": 4}");
    T5Model model = (T5Model) Family.of(config).build(config, HEAD);
    assertThat(model.config().decoderLayers()).isEqualTo(4);
    assertThat(model.config().start()).isZero();
    assertThat(model.config().tied()).isTrue();
    assertThat(model.config().buckets()).isEqualTo(32);
    assertThat(model.maxTokens()).isEqualTo(Integer.MAX_VALUE);
  }
}
