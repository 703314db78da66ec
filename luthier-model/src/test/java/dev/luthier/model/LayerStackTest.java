package dev.luthier.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Layers that are run again for the backward pass give what layers that keep everything give. */
class LayerStackTest {
  private static final Rng.Key KEY = Rng.Key.of(4);

  private static Path folder(String family) {
    return Resources.golden().resolve(family + "-sequence-classification");
  }

  /** A model with dropout everywhere. */
  private static Model model(String family) {
    Pretrained calm = Pretrained.load(folder(family), null, KEY);
    ModelConfig config = calm.config();
    for (String key :
        new String[] {
          "hidden_dropout_prob", "attention_probs_dropout_prob", "dropout", "attention_dropout"
        }) {
      config = config.has(key) || family.equals("llama") ? config.with(key, 0.3) : config;
    }
    return Pretrained.random(config, null, calm.head(), KEY).model();
  }

  private static Tokens tokens(String family) {
    return Golden.open(folder(family), "golden.safetensors").tokens();
  }

  /** Gradients of all parameters that have one. */
  private static Map<String, Tensor> gradients(Model model, Tokens tokens, Pass pass) {
    Tensor logits = model.forward(tokens, pass).requireLogits();
    logits.pow(2).sum().backward();
    Map<String, Tensor> out = new TreeMap<>();
    Modules.parameters(model)
        .forEach(
            (name, p) -> {
              Tensor g = p.value().grad();
              if (g != null) {
                out.put(name, g.copy());
                p.value().clearGrad();
              }
            });
    return out;
  }

  private static void assertSameGradients(String family, Predicate<String> trained) {
    try (Scope scope = Scope.open()) {
      Model model = model(family);
      Map<String, Parameter> all = Modules.parameters(model);
      all.forEach((name, p) -> p.setTrainable(trained.test(name)));
      Tokens tokens = tokens(family);
      Pass pass = Pass.training(KEY.with("pass"));
      Map<String, Tensor> kept = gradients(model, tokens, pass);
      Objects.requireNonNull(model.stack()).recompute(true);
      Map<String, Tensor> again = gradients(model, tokens, pass);
      assertThat(kept).isNotEmpty();
      assertThat(again.keySet()).isEqualTo(kept.keySet());
      assertThat(kept.keySet()).allMatch(trained);
      kept.forEach((name, g) -> assertThat(again.get(name).sameAs(g)).as(name).isTrue());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert", "roberta", "distilbert", "llama"})
  void gradients_of_everything_are_the_same_to_the_bit(String family) {
    assertSameGradients(family, name -> true);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert", "roberta", "distilbert", "llama"})
  void gradients_are_the_same_where_no_gradient_reaches_the_first_layer(String family) {
    assertSameGradients(family, name -> !name.contains("embed"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert", "roberta", "distilbert", "llama"})
  void gradients_are_the_same_where_the_first_layer_is_frozen(String family) {
    assertSameGradients(family, name -> name.contains("layer") && name.contains(".1."));
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert", "llama"})
  void nothing_is_recorded_without_gradients(String family) {
    try (Scope scope = Scope.open();
        Autograd.Guard off = Autograd.noGrad()) {
      Model model = model(family);
      Tokens tokens = tokens(family);
      Tensor before = model.forward(tokens, Pass.EVALUATION).requireLogits();
      Objects.requireNonNull(model.stack()).recompute(true);
      Tensor after = model.forward(tokens, Pass.EVALUATION).requireLogits();
      assertThat(after.requiresGrad()).isFalse();
      assertThat(after.sameAs(before)).isTrue();
    }
  }

  /** What is added to the embeddings of words is seen by everything above, in every family. */
  @ParameterizedTest
  @ValueSource(strings = {"bert", "roberta", "distilbert", "llama"})
  void a_pass_can_change_the_embeddings_of_words(String family) {
    try (Scope scope = Scope.open();
        Autograd.Guard off = Autograd.noGrad()) {
      Model model = model(family);
      Tokens tokens = tokens(family);
      Pass pass = Pass.EVALUATION;
      Tensor plain = model.forward(tokens, pass).requireLogits();
      Tensor same = model.forward(tokens, pass.perturbing((x, s) -> x)).requireLogits();
      Tensor zero = model.forward(tokens, pass.perturbing((x, s) -> x.mul(0))).requireLogits();
      assertThat(same.sameAs(plain)).isTrue();
      Parameter words =
          Modules.parameters(model).entrySet().stream()
              .filter(e -> e.getKey().matches(".*(word_embeddings|embed_tokens)\\.weight"))
              .map(Map.Entry::getValue)
              .findFirst()
              .orElseThrow();
      var unused = words.value().mulInPlace(0);
      if (!family.equals("llama")) { // There the head reads the same table.
        assertThat(model.forward(tokens, pass).requireLogits().sameAs(zero)).isTrue();
      }
      assertThat(zero.sameAs(plain)).isFalse();
    }
  }

  @Test
  void what_stands_for_the_lowest_layers_is_not_asked_when_embeddings_change() {
    try (Scope scope = Scope.open()) {
      Model model = model("bert");
      Modules.parameters(model).values().forEach(p -> p.setTrainable(false));
      LayerStack stack = Objects.requireNonNull(model.stack());
      boolean[] asked = new boolean[1];
      stack.replaceLowest(
          new LayerStack.Prefix() {
            @Override
            public int layers() {
              return 1;
            }

            @Override
            public Tensor states(Tokens tokens, LayerStack.Lowest compute) {
              asked[0] = true;
              return compute.of(tokens);
            }
          });
      Pass pass = Pass.training(KEY);
      Tensor changed = model.forward(tokens("bert"), pass.perturbing((x, s) -> x)).requireLogits();
      assertThat(asked[0]).isFalse();
      Tensor plain = model.forward(tokens("bert"), pass).requireLogits();
      assertThat(asked[0]).isTrue();
      assertThat(changed.sameAs(plain)).as("no dropout below in either").isTrue();
    }
  }

  @Test
  void recomputing_can_be_switched_off_again() {
    try (Scope scope = Scope.open()) {
      Model model = model("bert");
      LayerStack stack = Objects.requireNonNull(model.stack());
      stack.recompute(true);
      stack.recompute(false);
      Tensor x = model.forward(tokens("bert"), Pass.EVALUATION).requireLogits();
      assertThat(Autograd.grad(x.sum(), new Tensor[] {some(model)}, true)[0].requiresGrad())
          .isTrue();
    }
  }

  private static Tensor some(Model model) {
    return Modules.parameters(model).values().iterator().next().value();
  }
}
