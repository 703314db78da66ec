package dev.luthier.train.regularizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.luthier.data.batch.EncodedDataset;
import dev.luthier.model.Head;
import dev.luthier.model.ModelConfig;
import dev.luthier.model.Pretrained;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Linalg;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import dev.luthier.train.Beginning;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.Objective;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.Origin;
import dev.luthier.train.StepContext;
import dev.luthier.train.TrainingException;
import dev.luthier.train.loop.ToyModel;
import dev.luthier.train.peft.FreezeLayers;
import dev.luthier.train.peft.Lora;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Of which layer R4F holds the norm, in models whose head may be the table of words. */
class SpectralHeadTest {
  private static final EncodedDataset DATA = ToyModel.data(6);

  private static Pretrained model(String family, boolean tied, Head head) {
    String sizes =
        switch (family) {
          case "t5" ->
              """
              "d_model": 4, "d_kv": 3, "num_heads": 2, "d_ff": 5, "num_layers": 1,
              "num_decoder_layers": 1, "relative_attention_num_buckets": 4,
              "relative_attention_max_distance": 5, "feed_forward_proj": "relu"
              """;
          case "llama" ->
              """
              "hidden_size": 8, "intermediate_size": 6, "num_hidden_layers": 1,
              "num_attention_heads": 2, "num_key_value_heads": 1, "max_position_embeddings": 16,
              "initializer_range": 0.2
              """;
          case "distilbert" ->
              """
              "dim": 8, "hidden_dim": 6, "n_layers": 1, "n_heads": 2,
              "max_position_embeddings": 16, "initializer_range": 0.2
              """;
          default ->
              """
              "hidden_size": 8, "intermediate_size": 6, "num_hidden_layers": 1,
              "num_attention_heads": 2, "max_position_embeddings": 16, "type_vocab_size": 2,
              "pad_token_id": 1, "initializer_range": 0.2
              """;
        };
    String config =
        """
        {"model_type": "%s", "vocab_size": 9, "tie_word_embeddings": %s, %s}
        """
            .formatted(family, tied, sizes);
    return Pretrained.random(ModelConfig.parse(config), null, head, Rng.Key.of(2));
  }

  private static Head writing(String family) {
    return switch (family) {
      case "t5" -> new Head.SequenceToSequence();
      case "llama" -> new Head.CausalLanguageModel();
      default -> new Head.MaskedLanguageModel();
    };
  }

  /** R4F alone, around a loss that says nothing. */
  private static Objective alone() {
    Objective nothing =
        (model, batch, step) -> new Loss(Tensor.zeros(DType.F32), 2, Map.of(), null);
    return new R3f(0, 0, Noise.UNIFORM, 3, nothing);
  }

  private static Objective begun(Pretrained model) {
    return alone().begin(new Beginning(model.model(), DATA, Origin.of(Path.of(""))));
  }

  /** The names of what has a gradient; a tied table has the first of its names. */
  private static Set<String> held(Pretrained model, String head) {
    Map<String, Parameter> parameters = Modules.parameters(model.model());
    Set<String> out = new TreeSet<>();
    try (Scope scope = Scope.open()) {
      Tensor w = parameters.get(head).value().detach();
      var unused = w.mulInPlace(4);
      OptimizerState state = new OptimizerState(parameters);
      LossContext step = new LossContext(new StepContext(0, 9, 0, 1, Rng.Key.of(8), state));
      Loss loss = begun(model).compute(model.model(), null, step);
      double norm = largest(w);
      assertThat(norm).isGreaterThan(1);
      assertThat(loss.sum().item()).isCloseTo(2 * 3 * Math.pow(norm - 1, 2), withinPercentage(2));
      loss.sum().backward();
      parameters.forEach(
          (name, p) -> {
            if (p.value().grad() != null) {
              out.add(name);
            }
          });
    }
    return out;
  }

  private static double largest(Tensor w) {
    Tensor wide = w.to(DType.F64);
    Tensor square = wide.transpose(0, 1).matmul(wide);
    Tensor first = Linalg.eigenvectors(square).select(1, 0).unsqueeze(1);
    return Math.sqrt(square.matmul(first).norm().item());
  }

  @ParameterizedTest
  @CsvSource({
    "t5, true, shared.weight",
    "t5, false, lm_head.weight",
    "llama, true, model.embed_tokens.weight",
    "llama, false, lm_head.weight",
    "bert, true, bert.embeddings.word_embeddings.weight",
    "bert, false, cls.predictions.decoder.weight",
    "roberta, true, roberta.embeddings.word_embeddings.weight",
    "distilbert, true, distilbert.embeddings.word_embeddings.weight"
  })
  @Proves("p-r3f-r4f")
  void it_is_the_head_and_where_that_is_the_table_of_words_the_table(
      String family, boolean tied, String head) {
    assertThat(held(model(family, tied, writing(family)), head)).containsExactly(head);
  }

  @Test
  @Proves("p-r3f-r4f")
  void it_is_the_last_layer_of_a_head_on_sequences() {
    Head labels = new Head.SequenceClassification(List.of("a", "b", "c"));
    assertThat(held(model("bert", true, labels), "classifier.weight"))
        .containsExactly("classifier.weight");
    assertThat(held(model("roberta", true, labels), "classifier.out_proj.weight"))
        .containsExactly("classifier.out_proj.weight");
    assertThat(held(model("llama", true, labels), "score.weight")).containsExactly("score.weight");
  }

  @Test
  void without_a_head_it_is_refused() {
    for (String family : List.of("bert", "llama", "t5")) {
      assertThatThrownBy(() -> begun(model(family, true, new Head.None())))
          .isInstanceOf(TrainingException.class)
          .hasMessageContaining("this model has no head with one; set spectral to 0");
    }
  }

  @Test
  void a_head_that_is_not_trained_in_full_is_refused() throws URISyntaxException {
    Path base = Path.of(SpectralHeadTest.class.getResource("/golden/lora/base-llama").toURI());
    Pretrained adapted = Pretrained.load(base, null, Rng.Key.of(0));
    assertThat(begun(adapted)).isNotNull();
    var unused = new Lora(2, 4).apply(adapted, Rng.Key.of(1));
    Pretrained frozen = model("llama", true, new Head.CausalLanguageModel());
    unused =
        new FreezeLayers(false, 0, List.of(), List.of("lm_head"), List.of())
            .apply(frozen, Rng.Key.of(1));
    for (Pretrained model : List.of(adapted, frozen)) {
      assertThatThrownBy(() -> begun(model))
          .isInstanceOf(TrainingException.class)
          .hasMessageStartingWith(
              "r3f: spectral is to hold the norm of lm_head, the head's last layer, and that is not"
                  + " trained");
    }
  }
}
