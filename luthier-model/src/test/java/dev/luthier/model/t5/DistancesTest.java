package dev.luthier.model.t5;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.luthier.model.ModelConfig;
import dev.luthier.model.Resources;
import dev.luthier.model.json.JsonFile;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class DistancesTest {
  private static T5Config config(int buckets, int maxDistance) {
    return T5Config.of(
        ModelConfig.parse(
            """
            {"model_type": "t5", "d_model": 8, "d_kv": 4, "num_heads": 2, "vocab_size": 9,
             "relative_attention_num_buckets": %d, "relative_attention_max_distance": %d}
            """
                .formatted(buckets, maxDistance)));
  }

  @Test
  void every_distance_is_in_the_bucket_of_the_reference() throws Exception {
    Path file = Resources.golden().resolve("t5-buckets.json");
    int compared = 0;
    for (JsonNode c : JsonFile.parse(Files.readAllBytes(file), file.toString())) {
      T5Config config = config(c.get("buckets").asInt(), c.get("max_distance").asInt());
      for (boolean causal : new boolean[] {false, true}) {
        Distances distances = new Distances(config, causal);
        JsonNode expected = c.get(causal ? "decoder" : "encoder");
        for (int i = 0; i < expected.size(); i++) {
          assertThat(distances.bucket(i - expected.size() / 2))
              .as("%d of %s, %s", i - expected.size() / 2, c.get("buckets"), causal)
              .isEqualTo(expected.get(i).asInt());
          compared++;
        }
      }
    }
    assertThat(compared).isEqualTo(5 * 2 * 301);
  }

  @Test
  void later_tokens_are_hidden_from_a_decoder_and_a_row_is_that_of_the_whole() {
    Distances decoder = new Distances(config(8, 20), true);
    Modules.drawMissing(decoder, Rng.Key.of(1));
    try (Scope scope = Scope.open()) {
      Tensor whole = decoder.bias(0, 5, 5);
      assertThat(whole.select(0, 1).select(0, 2).toFloats())
          .endsWith(Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY)
          .satisfies(row -> assertThat(row[2]).isFinite());
      assertThat(decoder.bias(3, 1, 4).toFloats())
          .isEqualTo(whole.narrow(1, 3, 1).narrow(2, 0, 4).contiguous().toFloats());
    }
  }

  @Test
  void every_pair_has_the_number_of_its_distance_which_learns_from_all_of_them() {
    Distances encoder = new Distances(config(8, 20), false);
    Modules.drawMissing(encoder, Rng.Key.of(1));
    Parameter parameter = Modules.parameters(encoder).values().iterator().next();
    parameter.setTrainable(true);
    Tensor table = parameter.value();
    try (Scope scope = Scope.open()) {
      float[] numbers = table.toFloats();
      Tensor bias = encoder.bias(2, 4, 9);
      assertThat(bias.shape()).containsExactly(2, 4, 9);
      float[] weights = new float[2 * 4 * 9];
      float[] expected = new float[numbers.length];
      float[] given = bias.detach().contiguous().toFloats();
      for (int h = 0, at = 0; h < 2; h++) {
        for (int i = 0; i < 4; i++) {
          for (int j = 0; j < 9; j++, at++) {
            int place = encoder.bucket(j - 2 - i) * 2 + h;
            assertThat(given[at]).as("%s %s %s", h, i, j).isEqualTo(numbers[place]);
            weights[at] = at % 7 - 2;
            expected[place] += weights[at];
          }
        }
      }
      bias.mul(Tensor.of(weights, 2, 4, 9)).sum().backward();
      assertThat(Objects.requireNonNull(table.grad()).toFloats()).isEqualTo(expected);
    }
  }

  @Test
  void an_encoder_tells_before_from_behind() {
    Distances encoder = new Distances(config(8, 20), false);
    assertThat(encoder.bucket(1)).isEqualTo(5);
    assertThat(encoder.bucket(-1)).isEqualTo(1);
    assertThat(encoder.bucket(0)).isZero();
    assertThat(encoder.bucket(1000)).isEqualTo(7);
    assertThat(encoder.bucket(-1000)).isEqualTo(3);
  }
}
