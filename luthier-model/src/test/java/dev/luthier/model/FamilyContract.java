package dev.luthier.model;

import static dev.luthier.model.Golden.requireClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.model.encoder.EncoderModel;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
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
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every family of encoders must keep: the numbers of the reference implementation under every
 * head, sequences that do not see each other, heads that can be exchanged, files that survive a
 * round trip.
 *
 * <p>A family's test names its golden folders, {@code <family>-<head>}, each a model folder as the
 * reference saved it, and the values it computed.
 */
public abstract class FamilyContract {
  /** Relative bound of forward values in float32. */
  protected static final double FORWARD = Parity.FORWARD;

  /** Relative bound of gradients in float32. */
  protected static final double GRADIENT = Parity.GRADIENT;

  /** Names what tests draw. */
  protected static final Rng.Key KEY = Rng.Key.of(11);

  @TempDir protected Path temporary;

  /** The folder with the golden folders. */
  protected abstract Path golden();

  /** What the golden folders' names begin with. */
  protected abstract String family();

  /** The golden folder of a head. */
  protected final Path folder(String head) {
    return golden().resolve(family() + "-" + head);
  }

  /** Loads a golden folder with the head it was saved with. */
  protected final Pretrained load(String head) {
    return Pretrained.load(folder(head), null, KEY);
  }

  // ---- numbers ----

  @Test
  void every_hidden_state_of_the_encoder_is_that_of_the_reference() {
    try (Scope scope = Scope.open()) {
      Golden golden = Golden.open(folder("encoder"), "golden.safetensors");
      EncoderModel model = (EncoderModel) load("encoder").model();
      List<Tensor> states = model.encoder().states(golden.tokens(), Pass.EVALUATION);
      for (int i = 0; i < states.size(); i++) {
        requireClose("hidden " + i, states.get(i), golden.real("hidden." + i), FORWARD);
      }
      Outputs out = model.forward(golden.tokens(), Pass.EVALUATION);
      requireClose("hidden", out.hidden(), golden.real("last_hidden_state"), FORWARD);
      assertThat(out.logits()).isNull();
      assertThatThrownBy(out::requireLogits).hasMessageContaining("no head");
    }
  }

  @Test
  void gradients_of_the_encoder_are_those_of_the_reference() {
    try (Scope scope = Scope.open()) {
      Golden golden = Golden.open(folder("encoder"), "golden.safetensors");
      Model model = load("encoder").model();
      Tensor hidden = model.forward(golden.tokens(), Pass.EVALUATION).hidden();
      Tensor total = hidden.mul(golden.real("probe.last_hidden_state")).sum();
      Map<String, Tensor> pooler = new TreeMap<>();
      if (golden.has("pooler_output")) {
        try (TensorFile file = TensorFile.open(folder("encoder").resolve("model.safetensors"))) {
          for (String name : List.of("pooler.dense.weight", "pooler.dense.bias")) {
            pooler.put(name, file.tensor(name).copy().requireGrad(true));
          }
        }
        Tensor first = hidden.indexSelect(0, golden.segments().firsts());
        Tensor pooled =
            Functional.linear(
                    first, pooler.get("pooler.dense.weight"), pooler.get("pooler.dense.bias"))
                .tanh();
        requireClose("pooled", pooled, golden.value("pooler_output"), FORWARD);
        total = total.add(pooled.mul(golden.value("probe.pooler_output")).sum());
      }
      double weight = golden.value("loss_weight").item();
      assertThat(weight).isEqualTo(golden.segments().total());
      total.div(weight).backward();
      Map<String, Tensor> gradients = Parity.gradients(model);
      pooler.forEach((name, p) -> gradients.put(name, p.grad()));
      golden.requireGradients(gradients, GRADIENT);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sequence-classification", "token-classification", "masked-lm"})
  void answers_alone_are_those_of_the_whole_pass_and_so_are_their_gradients(String head) {
    try (Scope scope = Scope.open()) {
      Golden golden = Golden.open(folder(head), "golden.safetensors");
      Model whole = load(head).model();
      Model alone = load(head).model();
      Tensor expected = whole.forward(golden.tokens(), Pass.EVALUATION).requireLogits();
      Tensor answer = alone.answer(golden.tokens(), Pass.EVALUATION).requireLogits();
      requireClose("logits", answer, expected.detach(), FORWARD);
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
  void a_head_on_the_first_token_has_the_last_layer_answer_for_that_alone() {
    try (Scope scope = Scope.open()) {
      Golden golden = Golden.open(folder("sequence-classification"), "golden.safetensors");
      Outputs out =
          load("sequence-classification").model().answer(golden.tokens(), Pass.EVALUATION);
      assertThat(out.hidden().size(0)).isEqualTo(golden.segments().count());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sequence-classification",
        "sequence-classification-multi-label",
        "sequence-classification-regression",
        "token-classification",
        "question-answering",
        "masked-lm"
      })
  void logits_loss_and_all_gradients_of_a_head_are_those_of_the_reference(String head) {
    requireParity(folder(head), "golden.safetensors");
  }

  /** Compares logits, loss and all gradients with golden values. */
  protected final void requireParity(Path folder, String values) {
    Parity.require(folder, values);
  }

  // ---- ragged batches ----

  @Test
  void a_sequence_in_a_batch_gets_the_logits_it_gets_alone() {
    try (Scope scope = Scope.open()) {
      Golden golden = Golden.open(folder("masked-lm"), "golden.safetensors");
      Model model = load("masked-lm").model();
      Tensor together = model.forward(golden.tokens(), Pass.EVALUATION).requireLogits();
      Tensor ids = golden.real("input_ids");
      int at = 0;
      for (int length : golden.lengths()) {
        Segments own = new Segments(new int[] {length}, new long[] {0});
        Tensor alone =
            model
                .forward(new Tokens(ids.narrow(0, at, length), own), Pass.EVALUATION)
                .requireLogits();
        requireClose("sequence at " + at, together.narrow(0, at, length), alone, FORWARD);
        at += length;
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"token-classification", "question-answering", "masked-lm"})
  void logits_of_wanted_tokens_are_rows_of_all_logits(String head) {
    try (Scope scope = Scope.open()) {
      Golden golden = Golden.open(folder(head), "golden.safetensors");
      Model model = load(head).model();
      Tokens all = golden.tokens();
      Tensor wanted = Tensor.of(new long[] {0, 5, 8, 28}, 4);
      Tokens some = new Tokens(all.ids(), all.types(), all.segments(), wanted);
      Tensor rows = model.forward(some, Pass.EVALUATION).requireLogits();
      Tensor every = model.forward(all, Pass.EVALUATION).requireLogits();
      requireClose("wanted", rows, every.indexSelect(0, wanted), FORWARD);
    }
  }

  @Test
  void a_token_id_outside_the_vocabulary_is_refused_naming_its_row() {
    try (Scope scope = Scope.open()) {
      Model model = load("sequence-classification").model();
      Segments segments = new Segments(new int[] {2, 3}, new long[] {40, 41});
      for (long wrong : new long[] {128, -1, Long.MAX_VALUE}) {
        Tensor ids = Tensor.of(new long[] {2, 3, 2, wrong, 3}, 5);
        assertThatThrownBy(() -> model.forward(new Tokens(ids, segments), Pass.EVALUATION))
            .isInstanceOf(ModelException.class)
            .hasMessageContaining("token id " + wrong + " (row 41)")
            .hasMessageContaining("128");
      }
    }
  }

  @Test
  void a_sequence_longer_than_the_position_table_is_refused_and_the_longest_is_not() {
    try (Scope scope = Scope.open()) {
      Model model = load("sequence-classification").model();
      for (int length : new int[] {model.maxTokens(), model.maxTokens() + 1}) {
        Segments segments = new Segments(new int[] {length}, new long[] {3});
        Tokens tokens = new Tokens(Tensor.full(7, DType.I64, length), segments);
        if (length == model.maxTokens()) {
          assertThat(model.forward(tokens, Pass.EVALUATION).requireLogits().isFinite()).isTrue();
        } else {
          assertThatThrownBy(() -> model.forward(tokens, Pass.EVALUATION))
              .isInstanceOf(ModelException.class)
              .hasMessageContaining(length + " tokens (row 3)")
              .hasMessageContaining(model.maxTokens() + " positions");
        }
      }
    }
  }

  // ---- dropout ----

  @Test
  void dropout_acts_in_training_as_its_key_says_and_never_in_evaluation() {
    try (Scope scope = Scope.open()) {
      Golden golden = Golden.open(folder("sequence-classification"), "golden.safetensors");
      ModelConfig calm = load("sequence-classification").config();
      ModelConfig config = calm;
      for (String key : dropoutKeys()) {
        config = config.with(key, 0.5);
      }
      Head head = load("sequence-classification").head();
      Model model = Pretrained.random(config, null, head, KEY).model();
      Model same = Pretrained.random(calm, null, head, KEY).model();
      Tensor off = model.forward(golden.tokens(), Pass.EVALUATION).requireLogits();
      Tensor none = same.forward(golden.tokens(), Pass.training(KEY)).requireLogits();
      Tensor on = model.forward(golden.tokens(), Pass.training(KEY)).requireLogits();
      Tensor again = model.forward(golden.tokens(), Pass.training(KEY)).requireLogits();
      Tensor other = model.forward(golden.tokens(), Pass.training(KEY.with(1))).requireLogits();
      assertThat(off.sameAs(none)).isTrue();
      assertThat(on.sameAs(off)).isFalse();
      assertThat(on.sameAs(again)).isTrue();
      assertThat(on.sameAs(other)).isFalse();
    }
  }

  /** The keys of config.json that hold the dropout probabilities. */
  protected abstract List<String> dropoutKeys();

  // ---- heads ----

  @Test
  @Proves("comp-output-proj")
  void a_new_head_leaves_the_weights_of_the_encoder_as_they_are() {
    Pretrained old = load("token-classification");
    Head head = Head.named("sequence-classification", List.of("no", "yes"));
    Pretrained rebuilt = old.withHead(head, KEY);
    Pretrained loaded = Pretrained.load(folder("token-classification"), head, KEY);
    Map<String, Parameter> before = Modules.parameters(old.model());
    for (Pretrained changed : List.of(rebuilt, loaded)) {
      assertThat(changed.head()).isEqualTo(head);
      assertThat(changed.config().labels()).containsExactly("no", "yes");
      Map<String, Parameter> after = Modules.parameters(changed.model());
      after.forEach(
          (name, p) -> {
            assertThat(p.hasValue()).as(name).isTrue();
            if (!changed.report().drawn().contains(name)) {
              assertThat(p.value().sameAs(before.get(name).value())).as(name).isTrue();
            }
          });
      assertThat(changed.report().drawn()).isNotEmpty().allMatch(n -> !n.contains("layer."));
      assertThat(after.size() - changed.report().drawn().size())
          .isEqualTo(changed.report().loaded())
          .isEqualTo(before.size() - 2);
    }
    assertThat(loaded.report().unused()).containsKey("classifier.weight");
    Modules.parameters(loaded.model())
        .forEach(
            (name, p) ->
                assertThat(p.value().sameAs(Modules.parameters(rebuilt.model()).get(name).value()))
                    .as(name)
                    .isTrue());
  }

  @Test
  void a_head_with_the_checkpoints_own_labels_is_loaded_and_one_with_others_is_new() {
    Pretrained trained = load("sequence-classification");
    Head same = new Head.SequenceClassification(trained.head().labels());
    assertThat(Pretrained.load(folder("sequence-classification"), same, KEY).report().drawn())
        .isEmpty();
    Head other = new Head.SequenceClassification(List.of("a", "b", "c"));
    LoadReport report = Pretrained.load(folder("sequence-classification"), other, KEY).report();
    assertThat(report.drawn()).contains(lastLayer() + ".weight", lastLayer() + ".bias");
    assertThat(report.unused()).containsKey(lastLayer() + ".weight");
    assertThat(report.notes()).anyMatch(n -> n.contains("[negative, neutral, positive]"));
  }

  /** The name of the classifier's last layer. */
  protected abstract String lastLayer();

  @Test
  void the_masked_word_head_shares_the_word_table() {
    Pretrained model = load("masked-lm");
    Map<String, Parameter> named = Modules.ownParameters(model.model());
    Set<Parameter> distinct = Collections.newSetFromMap(new IdentityHashMap<>());
    distinct.addAll(named.values());
    assertThat(Modules.parameters(model.model())).hasSize(distinct.size());
    assertThat(named.size()).isGreaterThan(distinct.size());
  }

  // ---- files ----

  @ParameterizedTest
  @Proves("hf-checkpoint")
  @ValueSource(
      strings = {
        "encoder",
        "sequence-classification",
        "sequence-classification-multi-label",
        "sequence-classification-regression",
        "token-classification",
        "question-answering",
        "masked-lm"
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
    Map<String, Parameter> before = Modules.parameters(first.model());
    Modules.parameters(second.model())
        .forEach(
            (name, p) -> assertThat(p.value().sameAs(before.get(name).value())).as(name).isTrue());
    for (String file : List.of("config.json", "model.safetensors")) {
      assertThat(two.resolve(file)).hasSameBinaryContentAs(one.resolve(file));
    }
    assertThat(one.resolve("model.safetensors"))
        .hasSameBinaryContentAs(folder(head).resolve("model.safetensors"));
    try (var left = Files.list(temporary)) {
      assertThat(left.map(p -> p.getFileName().toString())).containsExactlyInAnyOrder("one", "two");
    }
  }

  @Test
  void weights_saved_narrow_load_as_what_they_were_rounded_to() {
    Pretrained wide = load("sequence-classification");
    for (DType type : List.of(DType.F16, DType.BF16)) {
      Path saved = temporary.resolve(type.code());
      wide.save(saved, type);
      Map<String, Parameter> before = Modules.parameters(wide.model());
      Modules.parameters(Pretrained.load(saved, null, KEY).model())
          .forEach(
              (name, p) -> {
                Tensor rounded = before.get(name).value().detach().to(type).to(DType.F32);
                assertThat(p.value().sameAs(rounded)).as(name).isTrue();
              });
    }
  }

  @Test
  void random_weights_are_a_function_of_the_key_and_have_the_declared_spread() {
    Pretrained model = load("sequence-classification");
    ModelConfig config = model.config();
    Modules.drawMissing(model.model(), KEY);
    Model one = Pretrained.random(config, null, model.head(), KEY).model();
    Model two = Pretrained.random(config, null, model.head(), KEY).model();
    Model other = Pretrained.random(config, null, model.head(), KEY.with(1)).model();
    String word =
        Modules.parameters(one).keySet().stream()
            .filter(n -> n.endsWith("word_embeddings.weight"))
            .findFirst()
            .orElseThrow();
    Tensor drawn = Modules.parameters(one).get(word).value();
    assertThat(drawn.sameAs(Modules.parameters(two).get(word).value())).isTrue();
    assertThat(drawn.sameAs(Modules.parameters(other).get(word).value())).isFalse();
    double deviation = Math.sqrt(drawn.pow(2).mean().item());
    assertThat(deviation).isCloseTo(0.2, within(0.02));
  }
}
