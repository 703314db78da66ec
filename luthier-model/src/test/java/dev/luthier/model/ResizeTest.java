package dev.luthier.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.model.tokenizer.Tokenizer;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole models whose table of words gets another length. */
class ResizeTest {
  private static final Rng.Key KEY = Rng.Key.of(11);

  @TempDir private Path temporary;

  private static Path folder(String name) {
    return Resources.golden().resolve(name);
  }

  private static Pretrained load(String name) {
    return Pretrained.load(folder(name), null, KEY);
  }

  private static Tensor logits(Pretrained model, Golden golden, String ids) {
    Tokens tokens = new Tokens(golden.real(ids), null, golden.segments(), null);
    return model.model().forward(tokens, Pass.EVALUATION).requireLogits();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bert-masked-lm",
        "roberta-masked-lm",
        "distilbert-masked-lm",
        "llama-causal-lm",
        "llama-causal-lm-tied"
      })
  @Proves("comp-embeddings")
  void rows_that_stay_give_the_logits_of_the_reference(String name) {
    try (Scope scope = Scope.open()) {
      Golden golden = Golden.open(folder(name), "resized.safetensors");
      Pretrained model = load(name);
      int rows = model.model().vocabulary();
      Pretrained longer = model.resizeEmbeddings(rows + 7, KEY);
      assertThat(longer.model().vocabulary()).isEqualTo(rows + 7);
      Tensor more = logits(longer, golden, "longer.input_ids");
      assertThat(more.size(1)).isEqualTo(rows + 7);
      Golden.requireClose(
          "longer", more.narrow(1, 0, rows), golden.real("longer.logits"), Parity.FORWARD);
      Pretrained shorter = model.resizeEmbeddings(rows - 10, KEY);
      Golden.requireClose(
          "shorter",
          logits(shorter, golden, "input_ids"),
          golden.real("shorter.logits"),
          Parity.FORWARD);
      Pretrained back = longer.resizeEmbeddings(rows, KEY);
      requireSame(back, model);
      assertThat(back.config()).isEqualTo(model.config().with("vocab_size", rows));
    }
  }

  private static void requireSame(Pretrained found, Pretrained expected) {
    Map<String, Parameter> wanted = Modules.ownParameters(expected.model());
    Map<String, Parameter> own = Modules.ownParameters(found.model());
    assertThat(own.keySet()).isEqualTo(wanted.keySet());
    wanted.forEach(
        (name, p) -> assertThat(own.get(name).value().sameAs(p.value())).as(name).isTrue());
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert-masked-lm", "llama-causal-lm", "llama-causal-lm-tied"})
  @Proves("comp-embeddings")
  void new_rows_are_drawn_and_can_be_read_and_saved(String name) {
    try (Scope scope = Scope.open()) {
      Pretrained model = load(name);
      int rows = model.model().vocabulary();
      Pretrained longer = model.resizeEmbeddings(rows + 5, KEY);
      Map<String, Parameter> before = Modules.parameters(model.model());
      Modules.parameters(longer.model())
          .forEach(
              (path, p) -> {
                Tensor old = before.get(path).value();
                assertThat(p.trainable()).isTrue();
                if (!Arrays.equals(p.shape(), old.shape())) {
                  Tensor kept = p.value().detach().narrow(0, 0, rows);
                  Tensor fresh = p.value().detach().narrow(0, rows, 5);
                  assertThat(kept.sameAs(old)).as(path).isTrue();
                  boolean zero = fresh.abs().max().item() == 0;
                  assertThat(zero).as(path).isEqualTo(path.endsWith("bias"));
                }
              });
      longer.save(temporary, DType.F32);
      Pretrained read = Pretrained.load(temporary, null, KEY);
      requireSame(read, longer);
      assertThat(read.config().integer("vocab_size", 0, 0, 1000)).isEqualTo(rows + 5);
      Tensor last = Tensor.of(new long[] {rows + 4L}, 1);
      Tokens one = new Tokens(last, new Segments(new int[] {1}, new long[1]));
      assertThat(read.model().forward(one, Pass.EVALUATION).requireLogits().size(1))
          .isEqualTo(rows + 5);
      assertThatThrownBy(() -> model.model().forward(one, Pass.EVALUATION))
          .isInstanceOf(ModelException.class);
    }
  }

  @Test
  void tied_tables_stay_one_and_others_two() {
    Map<String, Parameter> tied =
        Modules.ownParameters(load("llama-causal-lm-tied").resizeEmbeddings(99, KEY).model());
    Map<String, Parameter> untied =
        Modules.ownParameters(load("llama-causal-lm").resizeEmbeddings(99, KEY).model());
    assertThat(tied.get("lm_head.weight")).isSameAs(tied.get("model.embed_tokens.weight"));
    assertThat(untied.get("lm_head.weight")).isNotSameAs(untied.get("model.embed_tokens.weight"));
    assertThat(untied.get("lm_head.weight").shape()[0]).isEqualTo(99);
  }

  @Test
  @Proves("comp-embeddings")
  void a_table_that_is_too_short_for_the_tokenizer_is_refused() {
    Tokenizer tokenizer =
        Tokenizer.load(Path.of("../luthier-data/src/test/resources/golden/causal/prefixed"));
    ModelConfig config =
        ModelConfig.parse(
            """
            {"model_type": "llama", "vocab_size": 366, "hidden_size": 8, "intermediate_size": 8,
             "num_hidden_layers": 1, "num_attention_heads": 2, "max_position_embeddings": 16}
            """);
    Pretrained model = Pretrained.random(config, tokenizer, new Head.CausalLanguageModel(), KEY);
    int needed = tokenizer.maxId() + 1;
    assertThatThrownBy(() -> model.resizeEmbeddings(needed - 1, KEY))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("too short")
        .hasMessageContaining("it takes " + needed + " at least");
    Pretrained least = model.resizeEmbeddings(needed, KEY);
    assertThat(least.tokenizer()).isSameAs(tokenizer);
    assertThat(least.report().notes()).anyMatch(n -> n.contains("has " + needed + " rows, 366"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"2 | eos_token_id: is 2, so a table", "0 | vocab_size: 0 is not a whole number"})
  void so_is_one_without_the_ids_of_the_configuration(int rows, String message) {
    Pretrained model = load("llama-causal-lm");
    Pretrained plain =
        rows > 0
            ? model
            : Pretrained.random(
                ModelConfig.parse(
                    """
                    {"model_type": "llama", "vocab_size": 9, "hidden_size": 8,
                     "intermediate_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2}
                    """),
                null,
                new Head.CausalLanguageModel(),
                KEY);
    assertThatThrownBy(() -> plain.resizeEmbeddings(rows, KEY))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining(message.strip());
  }

  @Test
  void a_model_with_an_adapter_is_refused() {
    Pretrained model = load("llama-causal-lm");
    Linear.Delta nothing =
        new Linear.Delta() {
          @Override
          public Tensor apply(Tensor x, Tensor y, Pass pass, Segments segments) {
            return y;
          }

          @Override
          public void parts(Parts parts) {}
        };
    Modules.all(model.model(), Linear.class).values().iterator().next().adapt(nothing);
    assertThatThrownBy(() -> model.resizeEmbeddings(99, KEY))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("carries an adapter");
  }
}
