package dev.luthier.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Stability;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every layer of a whole model looks at. */
class AttentionsTest {
  private static final Rng.Key KEY = Rng.Key.of(11);

  private static Path folder(String name) {
    return Resources.golden().resolve(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert-encoder", "roberta-encoder", "distilbert-encoder", "llama-decoder"})
  @Proves("comp-mhsa")
  void maps_of_every_layer_are_those_of_the_reference(String name) {
    try (Scope scope = Scope.open()) {
      Golden golden = Golden.open(folder(name), "attentions.safetensors");
      Model model = Pretrained.load(folder(name), null, KEY).model();
      List<List<Tensor>> layers = model.attentions(golden.tokens());
      assertThat(layers).hasSize(2);
      for (int i = 0; i < layers.size(); i++) {
        Tensor expected = golden.value("attention." + i);
        assertThat(layers.get(i)).hasSize(golden.lengths().length);
        for (int s = 0; s < golden.lengths().length; s++) {
          int n = golden.lengths()[s];
          Tensor map = layers.get(i).get(s);
          assertThat(map.shape()).containsExactly(4, n, n);
          Tensor real = expected.select(0, s).narrow(1, 0, n).narrow(2, 0, n);
          Golden.requireClose("layer " + i + ", sequence " + s, map, real, Parity.FORWARD);
          double[] sums = map.sum(2).toDoubles();
          double[] ones = new double[sums.length];
          Arrays.fill(ones, 1);
          assertThat(sums).containsExactly(ones, within(1e-6));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert-sequence-classification", "llama-causal-lm"})
  void a_head_changes_no_map_and_dropout_none_either(String name) {
    try (Scope scope = Scope.open()) {
      Pretrained whole = Pretrained.load(folder(name), null, KEY);
      Tokens tokens = Golden.open(folder(name), "golden.safetensors").tokens();
      Pretrained bare = whole.withHead(new Head.None(), KEY);
      List<List<Tensor>> one = whole.model().attentions(tokens);
      List<List<Tensor>> two = bare.model().attentions(tokens);
      for (int i = 0; i < one.size(); i++) {
        for (int s = 0; s < one.get(i).size(); s++) {
          assertThat(one.get(i).get(s).sameAs(two.get(i).get(s))).isTrue();
        }
      }
    }
  }

  /** Of the last layer, whose output the model gives: the map is the one it computes with. */
  @Test
  void norms_and_caps_that_were_put_in_count() {
    try (Scope scope = Scope.open()) {
      Pretrained model = Pretrained.load(folder("llama-decoder"), null, KEY);
      Tokens tokens = Golden.open(folder("llama-decoder"), "golden.safetensors").tokens();
      Tensor before = model.model().attentions(tokens).get(0).get(2);
      model.stabilize(new Stability(Stability.Attention.QK_NORM_CAP, 1e-3, false), KEY);
      Tensor after = model.model().attentions(tokens).get(0).get(2);
      assertThat(after.sub(before).abs().max().item()).isGreaterThan(0.1);
      // Scores next to zero: a token looks at all before it alike.
      long n = after.size(1);
      Tensor last = after.select(1, n - 1);
      assertThat(last.max().item()).isCloseTo(1.0 / n, within(1e-3));
    }
  }

  @Test
  void a_model_without_attention_says_so() {
    Model none =
        new Model() {
          @Override
          public Outputs forward(Tokens tokens, Pass pass) {
            throw new UnsupportedOperationException();
          }

          @Override
          public void parts(Parts parts) {}
        };
    assertThat(Modules.parameters(none)).isEmpty();
    Tokens tokens = Golden.open(folder("llama-decoder"), "golden.safetensors").tokens();
    assertThatThrownBy(() -> none.attentions(tokens))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("no layers of attention");
    assertThatThrownBy(() -> none.stabilize(Stability.NONE))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("no place for further norms");
  }
}
