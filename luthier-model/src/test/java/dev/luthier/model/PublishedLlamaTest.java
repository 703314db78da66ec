package dev.luthier.model;

import static dev.luthier.model.Golden.requireClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.luthier.model.generate.Generated;
import dev.luthier.model.generate.Generation;
import dev.luthier.model.generate.Generator;
import dev.luthier.model.json.JsonFile;
import dev.luthier.model.llama.Llama2cFile;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.model.tokenizer.SpecialToken;
import dev.luthier.model.tokenizer.Tokenizer;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Published checkpoints of Llama, where their files are at hand. */
class PublishedLlamaTest {
  private static final Rng.Key KEY = Rng.Key.of(1);

  private static Path data(String name) {
    Path folder = Path.of(System.getProperty("luthier.data", ""), name);
    Assumptions.assumeTrue(Files.exists(folder), "set -Dluthier.data to the folder with " + name);
    return folder;
  }

  @ParameterizedTest
  @ValueSource(strings = {"m-stories260k/derived", "f-hf-llama-random/model"})
  void logits_losses_and_what_is_written_are_those_of_the_reference(String name) throws Exception {
    Pretrained model = Pretrained.load(data(name), null, KEY);
    Path file = Resources.golden().resolve("published/llama.json");
    JsonNode rows = JsonFile.readObject(file).path(name);
    List<int[]> ids = new ArrayList<>();
    rows.forEach(r -> ids.add(ints(r.path("ids"))));
    int[] lengths = ids.stream().mapToInt(i -> i.length).toArray();
    Segments segments = new Segments(lengths, new long[lengths.length]);
    try (Scope scope = Scope.open();
        Autograd.Guard off = Autograd.noGrad()) {
      Tensor flat = Tensor.of(ids.stream().flatMapToInt(IntStream::of).toArray());
      Tensor logits =
          model.model().forward(new Tokens(flat, segments), Pass.EVALUATION).requireLogits();
      int at = 0;
      for (int i = 0; i < lengths.length; i++) {
        Tensor own = logits.narrow(0, at, lengths[i]);
        double[] last = doubles(rows.get(i).path("last"));
        Tensor shown =
            own.select(0, lengths[i] - 1L).narrow(0, 0, Math.min(last.length, own.size(1)));
        requireClose("row " + i, shown, Tensor.of(last, last.length), Parity.FORWARD);
        Tensor targets = flat.narrow(0, at + 1L, lengths[i] - 1L);
        Tensor sum =
            Functional.crossEntropySum(own.narrow(0, 0, lengths[i] - 1L), targets, null, 0);
        assertThat(sum.item() / (lengths[i] - 1))
            .isCloseTo(rows.get(i).path("loss").asDouble(), within(1e-5));
        at += lengths[i];
      }
    }
    List<int[]> prompts = ids.stream().map(i -> Arrays.copyOf(i, 3)).toList();
    List<Generated> written = new Generator(model).generate(prompts, Generation.greedy(30), KEY);
    for (int i = 0; i < lengths.length; i++) {
      assertThat(written.get(i).ids()).containsExactly(boxed(rows.get(i).path("written")));
    }
  }

  @Test
  void a_story_is_written_as_its_authors_model_does() throws Exception {
    Path folder = data("m-stories260k");
    JsonNode expected = JsonFile.readObject(folder.resolve("expected_outputs.json"));
    int[] story = ints(expected.path("greedy_200_from_bos"));
    Pretrained model = Pretrained.load(folder.resolve("derived"), null, KEY);
    Generated written =
        new Generator(model)
            .generate(List.of(new int[] {1}), Generation.greedy(story.length - 1), KEY)
            .get(0);
    assertThat(written.ids()).isEqualTo(IntStream.of(story).skip(1).boxed().toList());
  }

  @Test
  void the_authors_files_give_the_same_weights_and_tokens_and_save_as_a_folder(
      @TempDir Path temporary) throws Exception {
    Path folder = data("m-stories260k");
    Pretrained read =
        Llama2cFile.read(folder.resolve("stories260K.bin"), folder.resolve("tok512.bin"));
    Map<String, Parameter> derived =
        Modules.parameters(Pretrained.load(folder.resolve("derived"), null, KEY).model());
    Modules.parameters(read.model())
        .forEach((n, p) -> assertThat(p.value().sameAs(derived.get(n).value())).as(n).isTrue());
    read.save(temporary.resolve("saved"), DType.F32);
    Pretrained saved = Pretrained.load(temporary.resolve("saved"), null, KEY);
    JsonNode tokens = JsonFile.readObject(folder.resolve("expected_outputs.json")).path("tokenize");
    for (var e : tokens.properties()) {
      int[] ids = saved.tokenizer().encode(e.getKey()).ids();
      assertThat(ids).as(e.getKey()).isEqualTo(ints(e.getValue()));
      assertThat(saved.tokenizer().decode(ids, true)).isEqualTo(e.getKey());
    }
    Generated story = new Generator(saved).generate("Once upon a time", Generation.greedy(40), KEY);
    assertThat(story.text()).startsWith(", there was a little girl named Lily.");
  }

  @Test
  void the_characters_of_a_list_are_its_tokens() {
    Path folder = data("f-hf-llama-random").resolve("model");
    Tokenizer tokenizer = Pretrained.load(folder, null, KEY).tokenizer();
    assertThat(tokenizer.vocabSize()).isEqualTo(16);
    assertThat(tokenizer.encode("12,3:x").ids()).containsExactly(5, 6, 14, 7, 15, 3);
    assertThat(tokenizer.decode(new int[] {5, 6, 14, 7, 1}, true)).isEqualTo("12,3");
    assertThat(tokenizer.id(SpecialToken.EOS)).isEqualTo(1);
    assertThat(tokenizer.id(SpecialToken.PAD)).isEqualTo(2);
  }

  private static Integer[] boxed(JsonNode values) {
    return IntStream.of(ints(values)).boxed().toArray(Integer[]::new);
  }

  private static int[] ints(JsonNode values) {
    return IntStream.range(0, values.size()).map(i -> values.get(i).asInt()).toArray();
  }

  private static double[] doubles(JsonNode values) {
    return IntStream.range(0, values.size()).mapToDouble(i -> values.get(i).asDouble()).toArray();
  }
}
