package dev.luthier.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.model.llama.LlamaModel;
import dev.luthier.model.nn.Pass;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Proves("llama")
class LlamaTest extends DecoderContract {
  @Override
  protected String family() {
    return "llama";
  }

  @Override
  protected List<Tensor> states(Model model, Tokens tokens) {
    return ((LlamaModel) model).decoder().states(tokens, Pass.EVALUATION);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"default", "linear", "dynamic", "yarn", "yarn-scaled", "longrope", "llama3"})
  void positions_turn_as_in_the_reference_also_beyond_the_trained_length(String rope)
      throws IOException {
    Path golden = folder("rope").resolve(rope);
    Files.copy(golden.resolve("config.json"), temporary.resolve("config.json"));
    Files.copy(folder("rope").resolve("model.safetensors"), temporary.resolve("model.safetensors"));
    Parity.require(
        Pretrained.load(temporary, null, KEY), Golden.open(golden, "golden.safetensors"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"num_key_value_heads\": 3 | num_key_value_heads: 3 does not divide num_attention_heads",
        "\"head_dim\": 7 | head_dim: 7 is odd",
        "\"hidden_act\": \"swigloo\" | hidden_act: activation 'swigloo' is not one of",
        "\"quantization_config\": {\"bits\": 4} | quantization_config: quantized weights",
        "\"add_cross_attention\": true | add_cross_attention: true is not supported",
        "\"partial_rotary_factor\": 0.5 | partial_rotary_factor: only 1",
        "\"rope_scaling\": 4 | rope_scaling: 4 is not an object",
        "\"rope_scaling\": {\"type\": \"mrope\"} | rope_scaling: rope_type: 'mrope' is not one of",
        "\"rope_scaling\": {\"type\": \"linear\"} | rope_scaling: factor: is missing",
        "\"rope_scaling\": {\"type\": \"linear\", \"factor\": 0} | factor: must be above zero",
        "\"rope_parameters\": {\"rope_type\": \"llama3\", \"factor\": 8, \"low_freq_factor\": 4,"
            + " \"high_freq_factor\": 1} | high_freq_factor: 1.0 is not above low_freq_factor",
        "\"rope_parameters\": {\"rope_type\": \"longrope\", \"factor\": 8, \"short_factor\": [1]}"
            + " | rope_parameters: short_factor: [1] is not a list of 64 numbers",
        "\"rope_parameters\": {\"rope_type\": \"default\", \"partial_rotary_factor\": 0.25}"
            + " | rope_parameters: partial_rotary_factor: only 1",
      })
  void a_value_that_cannot_be_is_named_with_its_key(String entry, String message) {
    ModelConfig config = ModelConfig.parse("{\"model_type\": \"llama\", " + entry + "}");
    assertThatThrownBy(() -> Family.of(config).build(config, new Head.None()))
        .isInstanceOf(ModelException.class)
        .hasMessageStartingWith("config.json: ")
        .hasMessageContaining(message.strip());
  }

  @ParameterizedTest
  @ValueSource(strings = {"dynamic", "linear"})
  void texts_may_be_as_long_as_it_was_made_for(String rope) {
    ModelConfig config =
        ModelConfig.parse(
            "{\"model_type\": \"llama\", \"hidden_size\": 8, \"num_attention_heads\": 2,"
                + " \"num_hidden_layers\": 1, \"intermediate_size\": 8, \"vocab_size\": 8,"
                + " \"max_position_embeddings\": 100, \"rope_scaling\": {\"factor\": 2.5,"
                + " \"type\": \""
                + rope
                + "\"}}");
    assertThat(Family.of(config).build(config, new Head.None()).maxTokens())
        .isEqualTo(rope.equals("dynamic") ? 250 : 100);
  }
}
