package dev.luthier.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.luthier.model.json.JsonFile;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** A published sentence encoder, where its files are at hand. */
class MiniLmTest {
  @Test
  void hidden_states_and_sentence_embeddings_are_those_of_the_reference() throws Exception {
    Path folder = Path.of(System.getProperty("luthier.data", ""), "m-minilm-l6");
    Path expected = folder.resolve("expected_outputs.json");
    Assumptions.assumeTrue(
        Files.exists(expected), "set -Dluthier.data to the folder with m-minilm-l6");
    Pretrained model = Pretrained.load(folder, null, Rng.Key.of(1));
    assertThat(model.report().unused())
        .containsOnlyKeys("embeddings.position_ids", "pooler.dense.weight", "pooler.dense.bias");
    Pooling pooling = Pooling.read(folder);
    assertThat(pooling).isEqualTo(new Pooling(Pooling.Kind.MEAN, true));
    JsonNode root = JsonFile.parse(Files.readAllBytes(expected), expected.toString());
    List<int[]> ids = new ArrayList<>();
    for (JsonNode s : root.path("sentences")) {
      int[] found = model.tokenizer().encode(s.path("text").asText()).ids();
      assertThat(found).isEqualTo(ints(s.path("input_ids")));
      ids.add(found);
    }
    int[] lengths = ids.stream().mapToInt(i -> i.length).toArray();
    Segments segments = new Segments(lengths, new long[lengths.length]);
    try (Scope scope = Scope.open();
        Autograd.Guard off = Autograd.noGrad()) {
      Tensor flat = Tensor.of(ids.stream().flatMapToInt(IntStream::of).toArray());
      Tensor hidden = model.model().forward(new Tokens(flat, segments), Pass.EVALUATION).hidden();
      Tensor embedded = pooling.apply(hidden, segments);
      int at = 0;
      for (int i = 0; i < lengths.length; i++) {
        JsonNode s = root.path("sentences").get(i);
        Tensor own = hidden.narrow(0, at, lengths[i]);
        requireStart(own.select(0, 0), s.path("cls_first8"));
        requireStart(embedded.select(0, i), s.path("sentence_embedding_first8"));
        assertThat(own.abs().mean().item())
            .isCloseTo(s.path("last_hidden_mean_abs").asDouble(), within(2e-6));
        at += lengths[i];
      }
      Tensor cosines = embedded.matmul(embedded.transpose(0, 1));
      JsonNode first = root.path("cosine_first_five");
      for (int i = 0; i < first.size(); i++) {
        for (int j = 0; j < first.size(); j++) {
          assertThat(cosines.select(0, i).select(0, j).item())
              .isCloseTo(first.get(i).get(j).asDouble(), within(2e-6));
        }
      }
    }
  }

  private static void requireStart(Tensor row, JsonNode expected) {
    float[] found = row.toFloats();
    for (int i = 0; i < expected.size(); i++) {
      assertThat((double) found[i]).isCloseTo(expected.get(i).asDouble(), within(3e-6));
    }
  }

  private static int[] ints(JsonNode values) {
    return IntStream.range(0, values.size()).map(i -> values.get(i).asInt()).toArray();
  }
}
