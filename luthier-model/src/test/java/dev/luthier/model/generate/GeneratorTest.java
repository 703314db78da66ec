package dev.luthier.model.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.luthier.model.Decoder;
import dev.luthier.model.Golden;
import dev.luthier.model.Head;
import dev.luthier.model.Model;
import dev.luthier.model.ModelConfig;
import dev.luthier.model.ModelException;
import dev.luthier.model.Pretrained;
import dev.luthier.model.Resources;
import dev.luthier.model.Tokens;
import dev.luthier.model.json.JsonFile;
import dev.luthier.model.nn.KeyValues;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.model.tokenizer.Tokenizer;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GeneratorTest {
  private static final Rng.Key KEY = Rng.Key.of(4);
  private static final Path GOLDEN = Resources.golden();
  private static final Head NEXT = new Head.CausalLanguageModel();

  @TempDir Path temporary;

  private static Pretrained load(String head) {
    return Pretrained.load(GOLDEN.resolve("llama-" + head), null, KEY);
  }

  // ---- what is written ----

  @ParameterizedTest
  @ValueSource(strings = {"causal-lm", "causal-lm-tied"})
  void the_likeliest_tokens_are_those_the_reference_writes_until_the_text_ends(String head)
      throws Exception {
    Path file = GOLDEN.resolve("llama-" + head).resolve("written.json");
    List<int[]> prompts = new ArrayList<>();
    List<List<Integer>> written = new ArrayList<>();
    for (JsonNode c : JsonFile.parse(Files.readAllBytes(file), file.toString())) {
      prompts.add(ids(c.path("prompt")));
      written.add(IntStream.of(ids(c.path("written"))).boxed().toList());
    }
    List<Generated> found = new Generator(load(head)).generate(prompts, Generation.greedy(24), KEY);
    assertThat(found.stream().map(Generated::ids)).isEqualTo(written);
    for (Generated g : found) {
      assertThat(g.end())
          .isEqualTo(g.ids().size() == 24 ? Generated.End.LIMIT : Generated.End.TOKEN);
      assertThat(g.text()).isNull();
    }
  }

  private static int[] ids(JsonNode values) {
    return IntStream.range(0, values.size()).map(i -> values.get(i).asInt()).toArray();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"default", "linear", "dynamic", "yarn", "yarn-scaled", "longrope", "llama3"})
  void reading_on_gives_the_logits_of_reading_anew(String rope) throws IOException {
    Files.copy(
        GOLDEN.resolve("llama-rope").resolve(rope).resolve("config.json"),
        temporary.resolve("config.json"));
    Files.copy(
        GOLDEN.resolve("llama-rope/model.safetensors"), temporary.resolve("model.safetensors"));
    Decoder model = (Decoder) Pretrained.load(temporary, null, KEY).model();
    int[] first = IntStream.range(0, 30).map(i -> 3 + i * 7 % 29).toArray();
    int[] second = IntStream.range(0, 21).map(i -> 3 + i * 5 % 29).toArray();
    try (Scope scope = Scope.open()) {
      List<KeyValues> past = List.of(model.room(30), model.room(21));
      int[][] ends = {{9, 2}, {15, 3}, {16, 17}, {17, 18}, {28, 20}, {30, 21}};
      for (int[] end : ends) {
        int[] a = Arrays.copyOfRange(first, past.get(0).length(), end[0]);
        int[] b = Arrays.copyOfRange(second, past.get(1).length(), end[1]);
        Tensor found = model.readOn(batch(a, b), past);
        for (int row = 0; row < 2; row++) {
          Tensor expected = anew(model, Arrays.copyOf(row == 0 ? first : second, end[row]));
          Golden.requireClose("row " + row, found.select(0, row), expected, 1e-5);
        }
      }
      assertThatThrownBy(() -> model.readOn(batch(new int[] {4}, new int[] {4}), past))
          .hasMessageContaining("room for 30 tokens, not for 31");
    }
  }

  private static Tokens batch(int[] a, int[] b) {
    Tensor ids = Tensor.cat(0, Tensor.of(a), Tensor.of(b));
    return new Tokens(ids, new Segments(new int[] {a.length, b.length}, new long[2]));
  }

  private static Tensor anew(Model model, int[] ids) {
    Segments one = new Segments(new int[] {ids.length}, new long[1]);
    Tensor logits = model.forward(new Tokens(Tensor.of(ids), one), Pass.EVALUATION).requireLogits();
    return logits.select(0, ids.length - 1L);
  }

  @Test
  void what_is_written_on_a_prompt_does_not_depend_on_the_others() {
    Generator generator = new Generator(load("causal-lm"));
    Generation how = new Generation(new Sampling(0.9, 20, 0.95), 12, List.of());
    int[] prompt = {5, 6, 7};
    Generated alone = generator.generate(List.of(prompt), how, KEY).get(0);
    List<Generated> together =
        generator.generate(List.of(prompt, new int[] {9}, new int[] {8, 8, 8, 8}), how, KEY);
    assertThat(together.get(0)).isEqualTo(alone);
    assertThat(generator.generate(List.of(prompt), how, KEY.with(1)).get(0)).isNotEqualTo(alone);
  }

  // ---- where it ends ----

  @Test
  void a_text_to_stop_at_ends_the_writing_and_is_not_in_the_text() {
    Generator generator = new Generator(withTokenizer());
    Generated whole = generator.generate("the movie", Generation.greedy(12), KEY);
    assertThat(whole.end()).isEqualTo(Generated.End.LIMIT);
    String text = whole.text();
    String stop = text.substring(3, 5);
    Generation how = new Generation(new Greedy(), 12, List.of("never", stop));
    Generated stopped = generator.generate("the movie", how, KEY);
    assertThat(stopped.end()).isEqualTo(Generated.End.STOP);
    assertThat(stopped.text()).isEqualTo(text.substring(0, text.indexOf(stop)));
    assertThat(whole.ids()).startsWith(stopped.ids().toArray(Integer[]::new));
    assertThat(stopped.ids().size()).isLessThan(12);
  }

  @Test
  void a_prompt_has_no_token_at_its_end_that_ends_a_text() {
    Pretrained model = withTokenizer();
    int[] plain = model.tokenizer().encode("the movie").ids();
    assertThat(plain).startsWith(0).endsWith(2);
    assertThat(new Generator(model).prompt("the movie"))
        .isEqualTo(Arrays.copyOf(plain, plain.length - 1));
  }

  /** A random model of the tokenizer's words, whose texts end with that tokenizer's id 2. */
  private static Pretrained withTokenizer() {
    Tokenizer tokenizer = Tokenizer.load(GOLDEN.resolve("tokenizers/byte-level-bpe"));
    ModelConfig config = load("causal-lm").config().with("vocab_size", 306).with("pad_token_id", 1);
    return Pretrained.random(config, tokenizer, NEXT, KEY);
  }

  @Test
  void it_ends_where_the_model_was_made_for_no_longer_text() {
    Generator generator = new Generator(load("causal-lm"));
    Generated full = generator.generate(List.of(new int[30]), Generation.greedy(99), KEY).get(0);
    assertThat(full.end()).isEqualTo(Generated.End.FULL);
    assertThat(full.ids()).hasSize(10);
    assertThatThrownBy(
            () -> generator.generate(List.of(new int[1], new int[40]), Generation.greedy(9), KEY))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("prompt 1 has 40 tokens")
        .hasMessageContaining("at most 40");
  }

  @Test
  void what_ends_a_text_is_read_from_the_files_and_kept_when_they_are_saved() throws IOException {
    Pretrained model = load("causal-lm");
    assertThat(model.ends()).containsExactly(2);
    Path one = temporary.resolve("one");
    model.save(one, DType.F32);
    Files.writeString(
        one.resolve("generation_config.json"), "{\"eos_token_id\": [36, 9], \"x\": 1}");
    Pretrained two = Pretrained.load(one, null, KEY);
    assertThat(two.ends()).containsExactly(36, 9);
    Generated ended =
        new Generator(two).generate(List.of(new int[] {6, 9}), Generation.greedy(30), KEY).get(0);
    assertThat(ended.end()).isEqualTo(Generated.End.TOKEN);
    two.save(temporary.resolve("two"), DType.F32);
    assertThat(temporary.resolve("two/generation_config.json")).content().contains("\"x\": 1");
    Files.writeString(one.resolve("generation_config.json"), "{\"eos_token_id\": \"</s>\"}");
    assertThatThrownBy(() -> Pretrained.load(one, null, KEY).ends())
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("generation_config.json: eos_token_id: \"</s>\" is neither");
  }

  // ---- what cannot be ----

  @Test
  void what_cannot_be_written_on_says_so() {
    assertThatThrownBy(() -> new Generator(load("token-classification")))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("token-classification cannot write on");
    Generator generator = new Generator(load("causal-lm"));
    assertThatThrownBy(() -> generator.generate(List.of(new int[0]), Generation.greedy(1), KEY))
        .hasMessageContaining("prompt 0 has no tokens");
    Generation stops = new Generation(new Greedy(), 3, List.of("."));
    assertThatThrownBy(() -> generator.generate(List.of(new int[1]), stops, KEY))
        .hasMessageContaining("no tokenizer");
    assertThatThrownBy(() -> Generation.greedy(0)).hasMessageContaining("maxTokens is 0");
  }

  // ---- choices ----

  @ParameterizedTest
  @CsvSource({"1, 0, 1", "0.5, 0, 1", "2, 3, 1", "1, 0, 0.7", "1, 3, 0.6"})
  void draws_have_the_frequencies_that_the_distribution_gives(double t, int k, double p) {
    float[] logits = {0.5f, 2, -1, 1, 0};
    int[] order = {1, 3, 0, 4, 2};
    double[] expected = new double[5];
    double total =
        IntStream.of(order).limit(k == 0 ? 5 : k).mapToDouble(i -> e(logits[i], t)).sum();
    double sum = 0;
    for (int n = 0; n < (k == 0 ? 5 : k) && (n == 0 || sum < p); n++) {
      expected[order[n]] = e(logits[order[n]], t) / total;
      sum += expected[order[n]];
    }
    Sampling sampling = new Sampling(t, k, p);
    int[] counts = new int[5];
    for (int i = 0; i < 20_000; i++) {
      counts[sampling.next(logits, (i + 0.5) / 20_000)]++;
    }
    for (int i = 0; i < 5; i++) {
      assertThat(counts[i] / 20_000.0).isCloseTo(expected[i] / sum, within(2e-4));
    }
  }

  private static double e(double logit, double temperature) {
    return Math.exp(logit / temperature);
  }

  @Test
  void the_likeliest_alone_and_almost_no_temperature_are_greedy() {
    float[] logits = {0.1f, -4, 3, 3, 2.9f};
    for (double draw : new double[] {0, 0.3, 0.999999}) {
      assertThat(new Greedy().next(logits, draw)).isEqualTo(2);
      assertThat(new Sampling(5, 1, 1).next(logits, draw)).isEqualTo(2);
      assertThat(new Sampling(5, 0, 1e-9).next(logits, draw)).isEqualTo(2);
    }
    assertThatThrownBy(() -> new Sampling(0, 0, 1)).hasMessageContaining("temperature is 0.0");
    assertThatThrownBy(() -> new Sampling(1, 0, 1.5)).hasMessageContaining("topP is 1.5");
  }
}
