package dev.luthier.model.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.luthier.model.Decoder;
import dev.luthier.model.Golden;
import dev.luthier.model.Head;
import dev.luthier.model.ModelConfig;
import dev.luthier.model.ModelException;
import dev.luthier.model.Pretrained;
import dev.luthier.model.Resources;
import dev.luthier.model.SourcesAndTargets;
import dev.luthier.model.Tokens;
import dev.luthier.model.json.JsonFile;
import dev.luthier.model.nn.KeyValues;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.model.tokenizer.Tokenizer;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An encoder-decoder reads a source and writes a target. */
class SourcesGeneratorTest {
  private static final Rng.Key KEY = Rng.Key.of(4);

  private static Path folder(String name) {
    return Resources.golden().resolve("t5-" + name);
  }

  private static Pretrained load(String name) {
    return Pretrained.load(folder(name), null, KEY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"relu-tied", "gated"})
  void the_likeliest_tokens_are_those_the_reference_writes_for_each_source(String name)
      throws Exception {
    Path file = folder(name).resolve("written.json");
    List<int[]> sources = new ArrayList<>();
    List<List<Integer>> written = new ArrayList<>();
    for (JsonNode c : JsonFile.parse(Files.readAllBytes(file), file.toString())) {
      sources.add(ids(c.path("prompt")));
      written.add(IntStream.of(ids(c.path("written"))).boxed().toList());
    }
    Generator generator = new Generator(load(name));
    List<Generated> found = generator.generate(sources, Generation.greedy(12), KEY);
    assertThat(found.stream().map(Generated::ids)).isEqualTo(written);
    assertThat(found)
        .allMatch(
            g ->
                g.end()
                    == (g.ids().size() == 12 && g.ids().get(11) != 1
                        ? Generated.End.LIMIT
                        : Generated.End.TOKEN));
    for (int i = 0; i < sources.size(); i++) {
      assertThat(generator.generate(List.of(sources.get(i)), Generation.greedy(12), KEY))
          .as("alone")
          .containsExactly(found.get(i));
    }
  }

  private static int[] ids(JsonNode values) {
    return IntStream.range(0, values.size()).map(i -> values.get(i).asInt()).toArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"relu-tied", "gated"})
  void reading_on_gives_the_logits_of_reading_anew(String name) {
    Decoder model = (Decoder) load(name).model();
    long[] first = {5, 6, 7, 8, 1};
    long[] second = {9, 1};
    long[] writtenFirst = range(14, 3, 7);
    long[] writtenSecond = range(14, 3, 5);
    try (Scope scope = Scope.open()) {
      List<KeyValues> past = List.of(model.room(5, 5 + 15), model.room(2, 2 + 15));
      Tensor found = model.readOn(batch(first, second), past);
      int[] reads = {0, 1, 3, 4, 14};
      for (int i = 0; i < reads.length; i++) {
        if (i > 0) {
          long[] a = Arrays.copyOfRange(writtenFirst, reads[i - 1], reads[i]);
          long[] b = Arrays.copyOfRange(writtenSecond, reads[i - 1], reads[i]);
          found = model.readOn(batch(a, b), past);
        }
        Tensor one = anew(model, first, Arrays.copyOf(writtenFirst, reads[i]));
        Tensor two = anew(model, second, Arrays.copyOf(writtenSecond, reads[i]));
        Golden.requireClose("first after " + reads[i], found.select(0, 0), one, 1e-5);
        Golden.requireClose("second after " + reads[i], found.select(0, 1), two, 1e-5);
      }
      assertThatThrownBy(() -> model.readOn(batch(first, second), past))
          .hasMessageContaining("room for 15 tokens");
    }
  }

  @Test
  void a_source_may_come_beside_a_target_that_is_being_written() {
    Decoder model = (Decoder) load("gated").model();
    try (Scope scope = Scope.open()) {
      KeyValues old = model.room(20);
      KeyValues fresh = model.room(20);
      model.readOn(one(5, 6, 1), List.of(old));
      Tensor found = model.readOn(batch(new long[] {7}, new long[] {9, 1}), List.of(old, fresh));
      Tensor known = anew(model, new long[] {5, 6, 1}, 7);
      Golden.requireClose("old", found.select(0, 0), known, 1e-5);
      Tensor begun = anew(model, new long[] {9, 1});
      Golden.requireClose("fresh", found.select(0, 1), begun, 1e-5);
    }
  }

  private static Tokens one(long... ids) {
    return new Tokens(
        Tensor.of(ids, ids.length), new Segments(new int[] {ids.length}, new long[1]));
  }

  private static Tokens batch(long[] a, long[] b) {
    Tensor ids = Tensor.cat(0, Tensor.of(a, a.length), Tensor.of(b, b.length));
    return new Tokens(ids, new Segments(new int[] {a.length, b.length}, new long[2]));
  }

  /** What comes after a target: the row of any token put behind it. */
  private static Tensor anew(Decoder model, long[] source, long... target) {
    long[] longer = Arrays.copyOf(target, target.length + 1);
    Tokens tokens = SourcesAndTargets.laid(List.of(source), List.of(longer));
    return model.forward(tokens, Pass.EVALUATION).requireLogits().select(0, target.length);
  }

  /** Different ids. */
  private static long[] range(int n, int first, int step) {
    return IntStream.range(0, n).mapToLong(i -> first + (long) i * step % 90).toArray();
  }

  @Test
  void a_source_ends_with_the_closing_token_though_the_tokenizer_adds_none() {
    Tokenizer tokenizer =
        Tokenizer.load(Path.of("../luthier-data/src/test/resources/golden/causal/prefixed"));
    ModelConfig config =
        ModelConfig.parse(
            """
            {"model_type": "t5", "d_model": 8, "d_kv": 4, "num_heads": 2, "vocab_size": 366,
             "d_ff": 8, "num_layers": 1, "eos_token_id": 2}
            """);
    Pretrained model =
        Pretrained.random(config, tokenizer, new Head.SequenceToSequence(), Rng.Key.of(2));
    int[] prompt = new Generator(model).prompt("What is 1 plus 2?");
    assertThat(prompt).startsWith(1).endsWith(2);
    assertThat(new Generator(model).generate("What is 1 plus 2?", Generation.greedy(3), KEY).text())
        .isNotNull();
  }

  @Test
  void a_model_without_a_head_cannot_write() {
    Pretrained bare = Pretrained.load(folder("gated"), new Head.None(), KEY);
    assertThatThrownBy(() -> new Generator(bare))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("load it with the head causal-language-model, or an encoder-decoder");
  }
}
