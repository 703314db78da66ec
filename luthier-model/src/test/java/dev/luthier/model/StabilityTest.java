package dev.luthier.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.model.nn.CausalAttention;
import dev.luthier.model.nn.KeyValues;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.model.nn.SelfAttention;
import dev.luthier.model.nn.Stability;
import dev.luthier.model.nn.Stability.Attention;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Norms and caps inside layers: what they compute, and what bounds they keep. */
class StabilityTest {
  static final Rng.Key KEY = Rng.Key.of(4);
  private static final Segments SEGMENTS = new Segments(new int[] {3, 4, 4, 1}, new long[4]);

  private static final String LLAMA =
      """
      {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": 9,
       "hidden_size": 8, "intermediate_size": 6, "num_hidden_layers": 2,
       "num_attention_heads": 2, "num_key_value_heads": 1, "max_position_embeddings": 8,
       "initializer_range": 0.5, "rms_norm_eps": 1e-12}
      """;

  static Stability how(String attention, boolean outputs) {
    return new Stability(
        Attention.valueOf(attention.toUpperCase(java.util.Locale.ROOT).replace('-', '_')),
        2,
        outputs);
  }

  private static Pretrained llama() {
    return drawn(LLAMA, new Head.CausalLanguageModel());
  }

  static Pretrained bert() {
    return drawn(
        """
        {"model_type": "bert", "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2,
         "intermediate_size": 6, "vocab_size": 9, "max_position_embeddings": 8,
         "type_vocab_size": 2, "initializer_range": 0.5}
        """,
        new Head.SequenceClassification(List.of("a", "b")));
  }

  private static Pretrained drawn(String config, Head head) {
    return Pretrained.random(ModelConfig.parse(config), null, head, KEY);
  }

  /** Norms that are no longer one, in float64. */
  private static void widen(Pretrained model) {
    Modules.parameters(model.model())
        .forEach(
            (name, p) -> {
              Tensor noise = Rng.normal(KEY.with(name), 0, 0.1, p.shape()).to(DType.F64);
              boolean vector = p.shape().length == 1;
              Tensor value = p.value().detach().to(DType.F64);
              p.set(vector ? value.add(noise) : value, DType.F64);
            });
  }

  private static Tokens tokens() {
    Tensor ids = Tensor.of(new long[] {3, 1, 8, 5, 5, 7, 2}, 7);
    return new Tokens(ids, new Segments(new int[] {4, 3}, new long[2]));
  }

  static Tensor hidden(Pretrained model) {
    return model.model().forward(tokens(), Pass.EVALUATION).hidden();
  }

  static Stream<Arguments> kinds() {
    List<Arguments> out = new ArrayList<>();
    for (boolean outputs : new boolean[] {false, true}) {
      for (String attention : List.of("plain", "qk-norm", "qk-norm-cap", "qkv-norm")) {
        for (String family : List.of("llama", "bert")) {
          boolean possible = family.equals("llama") || !attention.equals("qkv-norm");
          if (possible && (outputs || !attention.equals("plain"))) {
            out.add(Arguments.of(family, attention, outputs));
          }
        }
      }
    }
    return out.stream();
  }

  static Pretrained model(String family, String attention, boolean outputs) {
    Pretrained model = family.equals("llama") ? llama() : bert();
    model.stabilize(how(attention, outputs), KEY.with("norms"));
    return model;
  }

  // ---- what is computed ----

  @Test
  @Proves("p-train-stability")
  void norms_of_queries_and_keys_are_those_of_the_reference() {
    Parity.require(Resources.golden().resolve("llama-qk-norm"), "golden.safetensors");
  }

  @ParameterizedTest(name = "{0} {1}, outputs {2}")
  @MethodSource("kinds")
  @Proves("p-train-stability")
  void gradients_agree_with_finite_differences(String family, String attention, boolean outputs) {
    Pretrained model = model(family, attention, outputs);
    widen(model);
    try (Scope scope = Scope.open()) {
      probe(hidden(model)).backward();
      int compared = 0;
      for (Map.Entry<String, Parameter> e : Modules.parameters(model.model()).entrySet()) {
        Tensor gradient = e.getValue().value().grad();
        if (gradient == null) {
          continue; // the head's
        }
        Tensor at = e.getValue().value().detach().copy();
        double[] expected =
            Autograd.finiteDifferences(
                t -> {
                  e.getValue().set(t, DType.F64);
                  return probed(model);
                },
                at,
                1e-6);
        assertThat(gradient.toDoubles()).as(e.getKey()).containsExactly(expected, within(1e-6));
        e.getValue().set(at, DType.F64);
        compared++;
      }
      assertThat(compared).isGreaterThan(18);
    }
  }

  private static Tensor probe(Tensor hidden) {
    return hidden.mul(Rng.normal(KEY.with("probe"), 0, 1, hidden.shape()).to(DType.F64)).sum();
  }

  private static double probed(Pretrained model) {
    try (Scope scope = Scope.open();
        Autograd.Guard off = Autograd.noGrad()) {
      return probe(hidden(model)).item();
    }
  }

  /** What is normalised right behind a projection does not depend on how large that is. */
  @ParameterizedTest(name = "{0} {1}, outputs {2}")
  @MethodSource("kinds")
  @Proves("p-train-stability")
  void projections_with_a_norm_behind_them_may_grow_without_consequence(
      String family, String attention, boolean outputs) {
    try (Scope scope = Scope.open()) {
      List<String> normed = new ArrayList<>();
      if (!attention.equals("plain")) {
        normed.addAll(List.of("q_proj", "k_proj", "self.query", "self.key"));
      }
      if (attention.equals("qkv-norm")) {
        normed.add("v_proj");
      }
      if (outputs) {
        normed.addAll(List.of("o_proj", "down_proj", "output.dense"));
      }
      Pretrained model = model(family, attention, outputs);
      Pretrained plain = family.equals("llama") ? llama() : bert();
      widen(model);
      widen(plain);
      Tensor before = hidden(model);
      Tensor without = hidden(plain);
      assertThat(grow(model, normed)).isGreaterThan(3);
      assertThat(grow(plain, normed)).isGreaterThan(3);
      assertThat(hidden(model).sub(before).abs().max().item()).isLessThan(1e-4);
      assertThat(hidden(plain).sub(without).abs().max().item()).isGreaterThan(0.05);
    }
  }

  private static int grow(Pretrained model, List<String> linears) {
    int[] grown = {0};
    Modules.parameters(model.model())
        .forEach(
            (name, p) -> {
              if (linears.stream().anyMatch(l -> name.matches(".*" + l + "\\.(weight|bias)"))) {
                p.set(p.value().detach().mul(50), DType.F64);
                grown[0]++;
              }
            });
    return grown[0];
  }

  /** x / rms(x) · γ through W, normalised, is x through γ W, normalised: nothing was lost. */
  @Test
  @Proves("p-train-stability")
  void scales_of_the_norm_that_goes_become_part_of_the_projections() {
    try (Scope scope = Scope.open()) {
      Pretrained model = llama();
      widen(model);
      Map<String, Parameter> own = Modules.parameters(model.model());
      Tensor scales = own.get("model.layers.0.input_layernorm.weight").value().detach().copy();
      String query = "model.layers.0.self_attn.q_proj.weight";
      Tensor before = own.get(query).value().detach().copy();
      model.stabilize(how("qkv-norm", false), KEY);
      Map<String, Parameter> now = Modules.parameters(model.model());
      assertThat(now).doesNotContainKey("model.layers.0.input_layernorm.weight");
      assertThat(now).containsKey("model.layers.0.post_attention_layernorm.weight");
      assertThat(now.get(query).value().sameAs(before.mul(scales))).isTrue();
      for (String part : List.of("q_norm", "k_norm", "v_norm")) {
        Parameter norm = now.get("model.layers.0.self_attn." + part + ".weight");
        assertThat(norm.value().toFloats()).containsOnly(1);
        assertThat(norm.trainable()).isTrue();
      }
    }
  }

  @Test
  @Proves("p-train-stability")
  void scores_are_capped_whatever_queries_and_keys_are() {
    try (Scope scope = Scope.open()) {
      double cap = 3;
      Tensor q = Rng.normal(KEY.with("q"), 0, 30, 12, 4).to(DType.F64);
      Tensor k = Rng.normal(KEY.with("k"), 0, 30, 12, 4).to(DType.F64);
      List<Tensor> maps = new SelfAttention(1, 0, cap).maps(q, k, SEGMENTS);
      List<Tensor> free = new SelfAttention(1, 0).maps(q, k, SEGMENTS);
      List<Tensor> causal =
          new CausalAttention(1, 1, 0, cap).maps(q.view(12, 1, 4), k.view(12, 1, 4), SEGMENTS);
      double beyond = 0;
      long at = 0;
      for (int s = 0; s < SEGMENTS.count(); s++) {
        long n = SEGMENTS.length(s);
        Tensor scores = q.narrow(0, at, n).matmul(k.narrow(0, at, n).transpose(0, 1)).div(2);
        beyond = Math.max(beyond, scores.abs().max().item());
        Tensor capped = scores.div(cap).tanh().mul(cap);
        assertThat(capped.abs().max().item()).isLessThanOrEqualTo(cap);
        requireSame(maps.get(s).select(0, 0), capped.softmax(-1));
        requireBounded(maps.get(s), cap);
        for (long i = 0; i < n; i++) {
          Tensor row = causal.get(s).select(0, 0).select(0, i);
          requireSame(row.narrow(0, 0, i + 1), capped.select(0, i).narrow(0, 0, i + 1).softmax(0));
          assertThat(row.sum().item()).isCloseTo(1, within(1e-12));
        }
        at += n;
      }
      assertThat(beyond).as("scores without a cap").isGreaterThan(100 * cap);
      assertThatThrownBy(() -> requireBounded(free.get(0), cap)).isInstanceOf(AssertionError.class);
    }
  }

  /** Of two scores within ±c the weights of one row differ by e^2c at most. */
  private static void requireBounded(Tensor map, double cap) {
    for (long i = 0; i < map.size(1); i++) {
      Tensor row = map.select(1, i);
      double least = -row.neg().max().item();
      assertThat(row.max().item()).isLessThanOrEqualTo(least * Math.exp(2 * cap) * (1 + 1e-9));
    }
  }

  private static void requireSame(Tensor found, Tensor expected) {
    assertThat(found.sub(expected).abs().max().item()).isCloseTo(0, within(1e-12));
  }

  @ParameterizedTest
  @ValueSource(strings = {"qk-norm", "qk-norm-cap", "qkv-norm"})
  void reading_on_gives_what_reading_at_once_gives(String attention) {
    try (Scope scope = Scope.open()) {
      Decoder model = (Decoder) model("llama", attention, true).model();
      long[] ids = {3, 1, 8, 5, 5, 7};
      Tensor whole = model.forward(text(ids), Pass.EVALUATION).requireLogits();
      KeyValues past = model.room(ids.length);
      var unused = model.readOn(text(3, 1), List.of(past));
      unused = model.readOn(text(8, 5, 5), List.of(past));
      Tensor last = model.readOn(text(7), List.of(past));
      assertThat(last.select(0, 0).sub(whole.select(0, 5)).abs().max().item()).isLessThan(1e-5);
    }
  }

  private static Tokens text(long... ids) {
    return new Tokens(
        Tensor.of(ids, ids.length), new Segments(new int[] {ids.length}, new long[1]));
  }

  /** A classifier asks its last layer for the last token of each text alone. */
  @ParameterizedTest
  @CsvSource({"plain, true", "qk-norm, false", "qk-norm-cap, true", "qkv-norm, true"})
  void the_last_token_alone_gets_what_it_gets_among_all(String attention, boolean outputs) {
    try (Scope scope = Scope.open()) {
      Pretrained model = drawn(LLAMA, new Head.SequenceClassification(List.of("a", "b")));
      model.stabilize(how(attention, outputs), KEY.with("norms"));
      widen(model);
      Tensor alone = model.model().answer(tokens(), Pass.EVALUATION).hidden();
      assertThat(alone.shape()).containsExactly(2, 8);
      requireSame(alone, hidden(model).indexSelect(0, tokens().segments().lasts()));
    }
  }

  /** From a length on attention is fused, by a kernel that knows no cap. */
  @Test
  void long_texts_are_capped_too() {
    try (Scope scope = Scope.open()) {
      Segments one = new Segments(new int[] {800}, new long[1]);
      Tensor x = Rng.normal(KEY, 0, 3, 800, 1, 4);
      Tensor capped = new CausalAttention(1, 1, 0, 1).forward(x, x, x, Pass.EVALUATION, one);
      Tensor map = new CausalAttention(1, 1, 0, 1).maps(x, x, one).get(0);
      Tensor expected = map.select(0, 0).matmul(x.view(800, 4));
      assertThat(capped.sub(expected).abs().max().item()).isLessThan(1e-5);
      Tensor flat = x.view(800, 4);
      Tensor two = new SelfAttention(1, 0, 1).forward(flat, flat, flat, Pass.EVALUATION, one);
      Tensor its = new SelfAttention(1, 0, 1).maps(flat, flat, one).get(0).select(0, 0);
      assertThat(two.sub(its.matmul(flat)).abs().max().item()).isLessThan(1e-5);
    }
  }

  @Test
  @Proves("p-train-stability")
  void what_asks_for_nothing_changes_no_bit_and_no_key() {
    try (Scope scope = Scope.open()) {
      for (Pretrained model : List.of(llama(), bert())) {
        Tensor before = hidden(model);
        ModelConfig config = model.config();
        model.stabilize(Stability.NONE, KEY);
        assertThat(hidden(model).sameAs(before)).isTrue();
        assertThat(model.config()).isEqualTo(config);
      }
    }
  }
}
