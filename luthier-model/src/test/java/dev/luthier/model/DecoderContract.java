package dev.luthier.model;

import static dev.luthier.model.Golden.requireClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every family of decoders must keep: the numbers of the reference implementation under every
 * head, positions that see no later one, sequences that do not see each other, heads that can be
 * exchanged, files that survive a round trip.
 *
 * <p>A family's test names its golden folders, {@code <family>-<head>}, each a model folder as the
 * reference saved it, and the values it computed.
 */
public abstract class DecoderContract {
  /** Names what tests draw. */
  protected static final Rng.Key KEY = Rng.Key.of(11);

  @TempDir protected Path temporary;

  /** What the golden folders' names begin with. */
  protected abstract String family();

  /** The last hidden state, and those before it, of a model without a head. */
  protected abstract List<Tensor> states(Model model, Tokens tokens);

  /** The golden folder of a head. */
  protected final Path folder(String head) {
    return Resources.golden().resolve(family() + "-" + head);
  }

  /** Loads a golden folder with the head it was saved with. */
  protected final Pretrained load(String head) {
    return Pretrained.load(folder(head), null, KEY);
  }

  // ---- numbers ----

  @Test
  void every_hidden_state_of_the_decoder_is_that_of_the_reference() {
    try (Scope scope = Scope.open()) {
      Golden golden = Golden.open(folder("decoder"), "golden.safetensors");
      Model model = load("decoder").model();
      List<Tensor> states = states(model, golden.tokens());
      for (int i = 0; i < states.size(); i++) {
        requireClose("hidden " + i, states.get(i), golden.real("hidden." + i), Parity.FORWARD);
      }
      Outputs out = model.forward(golden.tokens(), Pass.EVALUATION);
      requireClose("last", out.hidden(), golden.real("last_hidden_state"), Parity.FORWARD);
      assertThat(out.logits()).isNull();
    }
  }

  @Test
  void gradients_of_the_decoder_are_those_of_the_reference() {
    try (Scope scope = Scope.open()) {
      Golden golden = Golden.open(folder("decoder"), "golden.safetensors");
      Model model = load("decoder").model();
      Tensor hidden = model.forward(golden.tokens(), Pass.EVALUATION).hidden();
      Tensor total = hidden.mul(golden.real("probe.last_hidden_state")).sum();
      total.div(golden.value("loss_weight").item()).backward();
      golden.requireGradients(Parity.gradients(model), Parity.GRADIENT);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "causal-lm",
        "causal-lm-tied",
        "causal-lm-biased",
        "sequence-classification",
        "sequence-classification-multi-label",
        "sequence-classification-regression",
        "token-classification"
      })
  void logits_loss_and_all_gradients_of_a_head_are_those_of_the_reference(String head) {
    Parity.require(folder(head), "golden.safetensors");
  }

  @ParameterizedTest
  @ValueSource(strings = {"sequence-classification", "token-classification", "causal-lm"})
  void answers_alone_are_those_of_the_whole_pass_and_so_are_their_gradients(String head) {
    try (Scope scope = Scope.open()) {
      Golden golden = Golden.open(folder(head), "golden.safetensors");
      Model whole = load(head).model();
      Model alone = load(head).model();
      Tensor expected = whole.forward(golden.tokens(), Pass.EVALUATION).requireLogits();
      Tensor answer = alone.answer(golden.tokens(), Pass.EVALUATION).requireLogits();
      requireClose("logits", answer, expected.detach(), Parity.FORWARD);
      Tensor probe = Rng.normal(KEY, 0, 1, expected.shape());
      expected.mul(probe).sum().backward();
      answer.mul(probe).sum().backward();
      Map<String, Tensor> gradients = Parity.gradients(whole);
      double largest =
          gradients.values().stream().mapToDouble(g -> g.abs().max().item()).max().orElseThrow();
      Parity.gradients(alone)
          .forEach(
              (name, g) ->
                  assertThat(g.sub(gradients.remove(name)).abs().max().item())
                      .as(name)
                      .isLessThan(1e-6 * largest));
      assertThat(gradients).isEmpty();
    }
  }

  @Test
  void a_head_on_the_last_token_has_the_last_layer_answer_for_that_alone() {
    try (Scope scope = Scope.open()) {
      Model model = load("sequence-classification").model();
      Segments two = new Segments(new int[] {3, 1}, new long[] {0, 1});
      Tokens plain = new Tokens(Tensor.of(new int[] {5, 6, 7, 8}), two);
      assertThat(model.answer(plain, Pass.EVALUATION).hidden().size(0)).isEqualTo(2);
      Tokens padded = new Tokens(Tensor.of(new int[] {5, 6, 0, 8}), two);
      Outputs read = model.answer(padded, Pass.EVALUATION);
      assertThat(read.hidden().size(0))
          .as("a text that ends with padding is read before")
          .isEqualTo(4);
      requireClose(
          "logits",
          read.requireLogits(),
          model.forward(padded, Pass.EVALUATION).requireLogits(),
          1e-7);
    }
  }

  // ---- what sees what ----

  @Test
  void a_sequence_in_a_batch_gets_the_logits_it_gets_alone() {
    try (Scope scope = Scope.open()) {
      Golden golden = Golden.open(folder("causal-lm"), "golden.safetensors");
      Model model = load("causal-lm").model();
      Tensor together = model.forward(golden.tokens(), Pass.EVALUATION).requireLogits();
      Tensor ids = golden.real("input_ids");
      int at = 0;
      for (int length : golden.lengths()) {
        Tensor alone = logits(model, ids.narrow(0, at, length));
        requireClose("row " + at, together.narrow(0, at, length), alone, Parity.FORWARD);
        at += length;
      }
    }
  }

  @Test
  void a_position_sees_itself_and_those_before_it_but_none_after_it() {
    try (Scope scope = Scope.open()) {
      Model model = load("causal-lm").model();
      Tensor before = logits(model, Tensor.of(new int[] {5, 6, 7, 8, 9}));
      Tensor after = logits(model, Tensor.of(new int[] {5, 6, 70, 8, 9}));
      Tensor same = before.narrow(0, 0, 2);
      requireClose("before", after.narrow(0, 0, 2), same, 1e-7);
      for (int row = 2; row < 5; row++) {
        Tensor change = after.select(0, row).sub(before.select(0, row)).abs().max();
        assertThat(change.item()).as("row " + row).isGreaterThan(1e-3);
      }
    }
  }

  private static Tensor logits(Model model, Tensor ids) {
    Segments own = new Segments(new int[] {(int) ids.count()}, new long[] {0});
    return model.forward(new Tokens(ids, own), Pass.EVALUATION).requireLogits();
  }

  @ParameterizedTest
  @ValueSource(strings = {"causal-lm", "token-classification"})
  void logits_of_wanted_tokens_are_rows_of_all_logits(String head) {
    try (Scope scope = Scope.open()) {
      Golden golden = Golden.open(folder(head), "golden.safetensors");
      Model model = load(head).model();
      Tokens all = golden.tokens();
      Tensor wanted = Tensor.of(new long[] {0, 5, 8, 28}, 4);
      Tokens some = new Tokens(all.ids(), null, all.segments(), wanted);
      Tensor rows = model.forward(some, Pass.EVALUATION).requireLogits();
      Tensor every = model.forward(all, Pass.EVALUATION).requireLogits();
      requireClose("wanted", rows, every.indexSelect(0, wanted), Parity.FORWARD);
    }
  }

  @Test
  void a_token_id_outside_the_vocabulary_is_refused_naming_its_row() {
    try (Scope scope = Scope.open()) {
      Model model = load("causal-lm").model();
      Segments segments = new Segments(new int[] {2, 3}, new long[] {40, 41});
      Tensor ids = Tensor.of(new long[] {2, 3, 2, model.vocabulary(), 3}, 5);
      assertThatThrownBy(() -> model.forward(new Tokens(ids, segments), Pass.EVALUATION))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("token id " + model.vocabulary() + " (row 41)");
    }
  }

  // ---- dropout ----

  @Test
  void dropout_acts_in_training_as_its_key_says_and_never_in_evaluation() {
    try (Scope scope = Scope.open()) {
      Golden golden = Golden.open(folder("causal-lm"), "golden.safetensors");
      Pretrained calm = load("causal-lm");
      ModelConfig config = calm.config().with("attention_dropout", 0.5);
      Model model = Pretrained.random(config, null, calm.head(), KEY).model();
      Tensor off = model.forward(golden.tokens(), Pass.EVALUATION).requireLogits();
      Tensor on = model.forward(golden.tokens(), Pass.training(KEY)).requireLogits();
      Tensor again = model.forward(golden.tokens(), Pass.training(KEY)).requireLogits();
      Tensor other = model.forward(golden.tokens(), Pass.training(KEY.with(1))).requireLogits();
      assertThat(on.sameAs(off)).isFalse();
      assertThat(on.sameAs(again)).isTrue();
      assertThat(on.sameAs(other)).isFalse();
    }
  }

  // ---- heads ----

  @ParameterizedTest
  @Proves("comp-output-proj")
  @ValueSource(strings = {"causal-lm", "causal-lm-tied"})
  void a_new_head_leaves_the_weights_of_the_decoder_as_they_are(String from) {
    Pretrained old = load(from);
    Head head = Head.named("sequence-classification", List.of("no", "yes"));
    Pretrained rebuilt = old.withHead(head, KEY);
    Pretrained loaded = Pretrained.load(folder(from), head, KEY);
    Map<String, Parameter> before = Modules.parameters(old.model());
    for (Pretrained changed : List.of(rebuilt, loaded)) {
      assertThat(changed.report().drawn()).containsExactly("score.weight");
      Modules.parameters(changed.model())
          .forEach(
              (name, p) -> {
                if (!name.equals("score.weight")) {
                  assertThat(p.value().sameAs(before.get(name).value())).as(name).isTrue();
                }
              });
    }
    Pretrained back = loaded.withHead(new Head.CausalLanguageModel(), KEY);
    assertThat(back.report().drawn().isEmpty()).isEqualTo(from.endsWith("tied"));
  }

  @Test
  void a_tied_head_is_the_word_table_and_an_untied_one_is_not() {
    for (String head : List.of("causal-lm", "causal-lm-tied")) {
      Map<String, Parameter> named = Modules.ownParameters(load(head).model());
      assertThat(named.get("lm_head.weight") == named.get("model.embed_tokens.weight"))
          .isEqualTo(head.endsWith("tied"));
    }
  }

  @Test
  void a_head_that_the_family_lacks_is_refused_naming_those_it_has() {
    assertThatThrownBy(
            () -> Pretrained.load(folder("causal-lm"), new Head.MaskedLanguageModel(), KEY))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("masked-language-model")
        .hasMessageContaining("ForCausalLM");
  }

  // ---- files ----

  @ParameterizedTest
  @Proves("hf-checkpoint")
  @ValueSource(
      strings = {
        "decoder",
        "causal-lm",
        "causal-lm-tied",
        "causal-lm-biased",
        "sequence-classification-multi-label",
        "token-classification"
      })
  void a_saved_folder_loads_to_the_same_bits_and_saves_to_the_same_bytes(String head)
      throws IOException {
    Pretrained first = load(head);
    Path one = temporary.resolve("one");
    Path two = temporary.resolve("two");
    first.save(one, DType.F32);
    Pretrained second = Pretrained.load(one, null, KEY.with("other"));
    second.save(two, DType.F32);
    assertThat(second.head()).isEqualTo(first.head());
    for (String file : List.of("config.json", "model.safetensors")) {
      assertThat(two.resolve(file)).hasSameBinaryContentAs(one.resolve(file));
    }
    assertThat(one.resolve("model.safetensors"))
        .hasSameBinaryContentAs(folder(head).resolve("model.safetensors"));
  }

  @Test
  @Proves("hf-checkpoint")
  void shards_of_narrow_weights_in_an_old_spelling_load() {
    try (Scope scope = Scope.open()) {
      Golden golden = Golden.open(folder("old-spelling"), "golden.safetensors");
      Pretrained model = load("old-spelling");
      Tensor logits = model.model().forward(golden.tokens(), Pass.EVALUATION).requireLogits();
      requireClose("logits", logits, golden.logits(), Parity.FORWARD);
      assertThat(model.report().unused()).hasSize(2).containsValue("a buffer");
    }
  }
}
