package dev.luthier.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.model.nn.LayerNorm;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.RmsNorm;
import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The blocks of a layer against finite differences, and what their norms leave. */
class LayerGradientsTest {
  private static final Rng.Key KEY = Rng.Key.of(4);

  private static Model post(String activation) {
    return wide(
        """
        {"model_type": "bert", "hidden_size": 4, "num_hidden_layers": 1, "num_attention_heads": 2,
         "intermediate_size": 6, "vocab_size": 9, "max_position_embeddings": 8,
         "type_vocab_size": 2, "hidden_act": "%s", "initializer_range": 0.5}
        """
            .formatted(activation));
  }

  private static Model pre() {
    return wide(
        """
        {"model_type": "llama", "architectures": ["LlamaForSequenceClassification"],
         "vocab_size": 9, "hidden_size": 4, "intermediate_size": 6, "num_hidden_layers": 1,
         "num_attention_heads": 2, "num_key_value_heads": 1, "max_position_embeddings": 8,
         "hidden_act": "silu", "initializer_range": 0.5}
        """);
  }

  private static Model wide(String config) {
    Head head = new Head.SequenceClassification(List.of("a", "b"));
    Model model = Pretrained.random(ModelConfig.parse(config), null, head, KEY).model();
    Modules.parameters(model).values().forEach(p -> p.set(p.value(), DType.F64));
    return model;
  }

  private static Tensor hidden(Model model) {
    Tensor ids = Tensor.of(new long[] {3, 1, 8, 5, 5}, 5);
    Tokens tokens = new Tokens(ids, new Segments(new int[] {3, 2}, new long[2]));
    return model.forward(tokens, Pass.EVALUATION).hidden();
  }

  private static double probed(Model model) {
    try (Scope scope = Scope.open();
        Autograd.Guard off = Autograd.noGrad()) {
      return probe(hidden(model)).item();
    }
  }

  private static Tensor probe(Tensor hidden) {
    return hidden.mul(Rng.normal(KEY.with("probe"), 0, 1, hidden.shape()).to(DType.F64)).sum();
  }

  private static void assertGradients(Model model) {
    try (Scope scope = Scope.open()) {
      probe(hidden(model)).backward();
      int compared = 0;
      for (Map.Entry<String, Parameter> e : Modules.parameters(model).entrySet()) {
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
        assertThat(gradient.toDoubles()).as(e.getKey()).containsExactly(expected, within(2e-7));
        e.getValue().set(at, DType.F64);
        compared++;
      }
      assertThat(compared).isGreaterThan(9);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"relu", "gelu", "gelu_new"})
  @Proves({"comp-ffn", "comp-residual-ln"})
  void gradients_of_blocks_with_norms_after_them_agree_with_finite_differences(String activation) {
    assertGradients(post(activation));
  }

  @Test
  @Proves({"comp-ffn", "comp-residual-ln"})
  void gradients_of_blocks_with_norms_before_them_agree_with_finite_differences() {
    assertGradients(pre());
  }

  @Test
  @Proves("comp-residual-ln")
  void what_is_normalised_has_mean_zero_and_variance_one() {
    try (Scope scope = Scope.open()) {
      Tensor x = Rng.normal(KEY, 3, 7, 5, 400).to(DType.F64);
      LayerNorm norm = new LayerNorm(400, 1e-12);
      RmsNorm root = new RmsNorm(400, 1e-12);
      Modules.parameters(norm).values().forEach(p -> p.draw(KEY));
      Modules.parameters(root).values().forEach(p -> p.draw(KEY));
      for (Parameter p : Modules.parameters(norm).values()) {
        p.set(p.value(), DType.F64);
      }
      Modules.parameters(root).values().forEach(p -> p.set(p.value(), DType.F64));
      Tensor y = norm.forward(x);
      assertThat(y.sum(1).abs().max().item() / 400).isCloseTo(0, within(1e-12));
      assertThat(y.pow(2).sum(1).div(400).add(-1).abs().max().item()).isCloseTo(0, within(1e-9));
      Tensor z = root.forward(x);
      assertThat(z.pow(2).sum(1).div(400).add(-1).abs().max().item()).isCloseTo(0, within(1e-9));
      // After the block: what a new layer gives is normalised.
      Tensor after = hidden(post("gelu"));
      assertThat(after.sum(1).abs().max().item()).isCloseTo(0, within(1e-9));
    }
  }

  @Test
  @Proves("comp-residual-ln")
  void a_block_whose_branches_give_nothing_passes_its_input_on_where_norms_come_before_it() {
    try (Scope scope = Scope.open()) {
      Model model = pre();
      Model other = pre();
      for (String branch : List.of("o_proj.weight", "down_proj.weight")) {
        for (Model m : List.of(model, other)) {
          Modules.parameters(m).entrySet().stream()
              .filter(e -> e.getKey().endsWith(branch))
              .forEach(e -> e.getValue().set(e.getValue().value().zerosLike(), DType.F64));
        }
      }
      // Whatever the branches read, only the words count.
      Modules.parameters(other).entrySet().stream()
          .filter(e -> e.getKey().endsWith("up_proj.weight"))
          .forEach(e -> e.getValue().set(e.getValue().value().mul(5), DType.F64));
      assertThat(hidden(other).sameAs(hidden(model))).isTrue();
    }
  }
}
