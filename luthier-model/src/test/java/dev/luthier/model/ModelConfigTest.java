package dev.luthier.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.tensor.Rng;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelConfigTest {
  private static final Rng.Key KEY = Rng.Key.of(1);

  private static void build(String json) {
    ModelConfig config = ModelConfig.parse(json);
    Family.of(config).build(config, new Head.None());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"hidden_size\": -5 | hidden_size: -5 is not a whole number from 1",
        "\"hidden_size\": 1000000000 | hidden_size: 1000000000 is not",
        "\"hidden_size\": 99999999999999 | hidden_size: 99999999999999 is not",
        "\"hidden_size\": \"768\" | hidden_size: \"768\" is not",
        "\"hidden_size\": 770 | num_attention_heads: 12 does not divide hidden_size, which is 770",
        "\"num_hidden_layers\": 0 | num_hidden_layers: 0 is not",
        "\"num_attention_heads\": 0 | num_attention_heads: 0 is not",
        "\"vocab_size\": 2.5 | vocab_size: 2.5 is not",
        "\"layer_norm_eps\": -1 | layer_norm_eps: -1 is not",
        "\"hidden_dropout_prob\": 1.0 | hidden_dropout_prob: 1.0 is not a number from 0.0 to below",
        "\"hidden_act\": \"gleu\" | hidden_act: activation 'gleu' is not one of gelu",
        "\"is_decoder\": true | is_decoder: true is not supported, only false",
        "\"position_embedding_type\": \"relative_key\" | is not supported, only absolute",
        "\"tie_word_embeddings\": \"yes\" | tie_word_embeddings: \"yes\" is neither true nor false",
      })
  void a_value_that_cannot_be_is_named_with_its_key(String entry, String message) {
    assertThatThrownBy(() -> build("{\"model_type\": \"bert\", " + entry + "}"))
        .isInstanceOf(ModelException.class)
        .hasMessageStartingWith("config.json: ")
        .hasMessageContaining(message.strip());
  }

  @Test
  void an_unknown_family_or_architecture_is_named_with_the_known_ones() {
    assertThatThrownBy(() -> build("{\"model_type\": \"bart\"}"))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining(
            "'bart' is not one of those known: [bert, distilbert, llama, roberta, t5, vit]");
    assertThatThrownBy(() -> build("{}")).hasMessageContaining("model_type: is missing");
    ModelConfig config =
        ModelConfig.parse("{\"model_type\": \"bert\", \"architectures\": [\"BertForCoffee\"]}");
    assertThatThrownBy(() -> Family.of(config).architectures().head(config))
        .hasMessageContaining("'BertForCoffee'")
        .hasMessageContaining("BertForMaskedLM");
    assertThatThrownBy(() -> ModelConfig.parse("{\"a\": 1, \"a\": 2}"))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("config.json:1:");
  }

  @Test
  void labels_come_from_the_file_by_index_or_are_nameless() {
    assertThat(ModelConfig.parse("{}").labels()).containsExactly("LABEL_0", "LABEL_1");
    assertThat(ModelConfig.parse("{\"num_labels\": 3}").labels()).hasSize(3);
    assertThat(
            ModelConfig.parse(
                    "{\"id2label\": {\"1\": \"b\", \"10\": \"k\", \"0\": \"a\", \"2\":"
                        + " \"c\", \"3\": \"d\", \"4\": \"e\", \"5\": \"f\", \"6\": \"g\", \"7\": \"h\","
                        + " \"8\": \"i\", \"9\": \"j\"}}")
                .labels())
        .startsWith("a", "b", "c")
        .endsWith("j", "k");
    assertThatThrownBy(() -> ModelConfig.parse("{\"id2label\": {\"1\": \"b\"}}").labels())
        .hasMessageContaining("no name for label 0");
  }

  @Test
  void unknown_keys_are_kept_and_old_spellings_become_new() {
    ModelConfig config =
        ModelConfig.parse(
            "{\"zeta\": {\"b\": 1, \"a\": [1e-12, 0.1]}, \"torch_dtype\": \"float16\","
                + " \"model_type\": \"bert\", \"_name_or_path\": \"x\", \"num_labels\": 7}");
    Head head = new Head.SequenceClassification(List.of("no", "yes"), Head.Kind.MULTI);
    String written =
        new String(
            config.withHead(head, "BertForSequenceClassification").bytes("float32"),
            java.nio.charset.StandardCharsets.UTF_8);
    assertThat(written)
        .isEqualTo(
            """
            {
              "architectures": [
                "BertForSequenceClassification"
              ],
              "dtype": "float32",
              "id2label": {
                "0": "no",
                "1": "yes"
              },
              "label2id": {
                "no": 0,
                "yes": 1
              },
              "model_type": "bert",
              "problem_type": "multi_label_classification",
              "zeta": {
                "a": [
                  1.0E-12,
                  0.1
                ],
                "b": 1
              }
            }
            """);
  }

  @Test
  void heads_refuse_labels_that_cannot_be() {
    assertThatThrownBy(() -> new Head.SequenceClassification(List.of("one")))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("at least 2 labels");
    assertThatThrownBy(() -> new Head.TokenClassification(List.of("a", "a")))
        .hasMessageContaining("'a' is given twice");
    assertThatThrownBy(() -> new Head.TokenClassification(List.of("a", " ")))
        .hasMessageContaining("blank");
  }

  @Test
  void sinusoidal_positions_are_drawn_as_their_equation_says_and_are_not_trained() {
    ModelConfig config =
        ModelConfig.parse(
            "{\"model_type\": \"distilbert\", \"dim\": 8, \"n_heads\": 2, \"n_layers\": 1,"
                + " \"hidden_dim\": 8, \"vocab_size\": 10, \"sinusoidal_pos_embds\": true,"
                + " \"max_position_embeddings\": 12}");
    var table =
        dev.luthier.model.nn.Modules.parameters(
                Pretrained.random(config, null, new Head.None(), KEY).model())
            .get("embeddings.position_embeddings.weight");
    assertThat(table.trainable()).isFalse();
    float[] v = table.value().toFloats();
    assertThat(v[8 * 5 + 2]).isEqualTo((float) Math.sin(5 / Math.pow(10000, 2 / 8.0)));
    assertThat(v[8 * 5 + 3]).isEqualTo((float) Math.cos(5 / Math.pow(10000, 2 / 8.0)));
  }
}
