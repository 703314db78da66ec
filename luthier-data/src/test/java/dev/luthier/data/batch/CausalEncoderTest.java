package dev.luthier.data.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.luthier.data.DataException;
import dev.luthier.data.Dataset;
import dev.luthier.data.Example;
import dev.luthier.data.Target;
import dev.luthier.data.length.LengthPolicy;
import dev.luthier.model.tokenizer.SpecialToken;
import dev.luthier.model.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Beside what TRL's trainer makes of the same rows (parity/golden_causal.py). */
class CausalEncoderTest {
  private static final Tokenizer BYTES = Tokenizer.load(folder("byte-level"));
  private static final Tokenizer PREFIXED = Tokenizer.load(folder("prefixed"));
  private static final int NO_LABEL = -100;

  private static Path folder(String name) {
    return Path.of("src/test/resources/golden/causal", name);
  }

  private static Example prompted(long row, String prompt, String completion) {
    return new Example(row, prompt, null, new Target.Completion(completion));
  }

  private static Example text(long row, String text) {
    return new Example(row, text, null, null);
  }

  private static Encoder.Encoded encode(
      Tokenizer tokenizer, int limit, LengthPolicy policy, NothingToLearn nothing, Example... es) {
    return new CausalEncoder(tokenizer, limit, policy, true, nothing)
        .encode(new Dataset("x.jsonl", List.of(es)));
  }

  private static EncodedExample whole(Tokenizer tokenizer, Example e) {
    return encode(tokenizer, 1000, LengthPolicy.ERROR, NothingToLearn.ERROR, e)
        .data()
        .examples()
        .get(0);
  }

  private static int[] learnt(EncodedExample e) {
    boolean[] flags = Objects.requireNonNull(e.learnt());
    return IntStream.range(0, flags.length).filter(i -> flags[i]).map(i -> e.ids()[i]).toArray();
  }

  private static int[] ints(JsonNode node) {
    return IntStream.range(0, node.size()).map(i -> node.get(i).asInt()).toArray();
  }

  private static List<JsonNode> cases(String name) throws IOException {
    List<JsonNode> out = new ArrayList<>();
    new ObjectMapper().readTree(folder(name).resolve("cases.json").toFile()).forEach(out::add);
    return out;
  }

  @ParameterizedTest
  @ValueSource(strings = {"byte-level", "prefixed"})
  void tokens_and_labels_are_those_of_trl_where_no_token_reaches_over_the_border(String name)
      throws IOException {
    Tokenizer tokenizer = Tokenizer.load(folder(name));
    int compared = 0;
    for (JsonNode c : cases(name)) {
      if (!c.path("begins_with_prompt").asBoolean(true)) {
        continue;
      }
      EncodedExample e =
          whole(
              tokenizer,
              c.has("text")
                  ? text(1, c.get("text").asText())
                  : prompted(1, c.get("prompt").asText(), c.get("completion").asText()));
      int[] labels = ints(c.get("labels"));
      labels[0] = NO_LABEL; // The reference shifts it out of its loss: nothing comes before.
      assertThat(e.ids()).as(c.get("name").asText()).isEqualTo(ints(c.get("ids")));
      assertThat(learnt(e)).isEqualTo(IntStream.of(labels).filter(l -> l != NO_LABEL).toArray());
      compared++;
    }
    assertThat(compared).isEqualTo(9);
  }

  @ParameterizedTest
  @ValueSource(strings = {"byte-level", "prefixed"})
  void where_a_token_would_reach_over_the_border_nothing_of_the_completion_is_lost(String name)
      throws IOException {
    Tokenizer tokenizer = Tokenizer.load(folder(name));
    int crossed = 0;
    for (JsonNode c : cases(name)) {
      if (c.path("begins_with_prompt").asBoolean(true)) {
        continue;
      }
      String prompt = c.get("prompt").asText();
      String completion = c.get("completion").asText();
      EncodedExample e = whole(tokenizer, prompted(1, prompt, completion));
      int[] alone = ints(c.get("prompt_ids"));
      int[] reference = ints(c.get("ids"));
      assertThat(Arrays.copyOf(e.ids(), alone.length)).as(prompt).isEqualTo(alone);
      assertThat(learnt(e)).hasSize(e.length() - alone.length);
      assertThat(tokenizer.decode(e.ids(), false)).isEqualTo(tokenizer.decode(reference, false));
      assertThat(tokenizer.decode(learnt(e), true).strip()).isEqualTo(completion);
      crossed++;
    }
    assertThat(crossed).isEqualTo(4);
  }

  @Property(tries = 300)
  void border_is_kept_for_any_text(
      @ForAll @StringLength(max = 12) String prompt,
      @ForAll @StringLength(min = 1, max = 12) String completion) {
    for (Tokenizer tokenizer : List.of(BYTES, PREFIXED)) {
      Continuation.Parts parts = new Continuation(tokenizer).of(prompt, completion);
      int[] alone = CausalEncoder.prompt(tokenizer, prompt);
      if (parts != null) {
        assertThat(Arrays.copyOf(parts.ids(), parts.prompt())).isEqualTo(alone);
        int[] joined = tokenizer.encode(prompt + completion).ids();
        assertThat(tokenizer.decode(parts.ids(), false)).isEqualTo(tokenizer.decode(joined, false));
      }
    }
  }

  @Test
  void borders_that_were_kept_apart_are_counted_with_the_first_row() {
    Encoder.Encoded encoded =
        encode(
            BYTES,
            100,
            LengthPolicy.ERROR,
            NothingToLearn.ERROR,
            prompted(1, "Answer:", " 12."),
            prompted(4, "Answer: ", "12."));
    assertThat(encoded.notes())
        .containsExactly(
            "7 of 12 tokens are learnt",
            "1 completions would share a token with their prompt and were encoded apart; first: row"
                + " 4 of x.jsonl");
  }

  @Test
  void what_cannot_be_kept_apart_names_the_row_and_what_helps() {
    Tokenizer composing =
        Tokenizer.of(
            """
            {"version": "1.0", "added_tokens": [{"id": 0, "content": "<e>", "special": true, "single_word": false,
              "lstrip": false, "rstrip": false, "normalized": false}],
             "normalizer": {"type": "NFC"}, "pre_tokenizer": null, "post_processor": null,
             "decoder": null, "model": {"type": "BPE", "unk_token": null, "merges": [],
             "vocab": {"<e>": 0, "e": 1, "é": 2, "\u0301": 3, "a": 4}}}
            """
                .getBytes(StandardCharsets.UTF_8),
            "{\"eos_token\": \"<e>\"}".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> whole(composing, prompted(3, "ae", "\u0301")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("row 3 of x.jsonl")
        .hasMessageContaining("prompt-format");
  }

  @Test
  void end_of_text_is_appended_once_and_learnt_unless_the_task_says_no() {
    int eos = Objects.requireNonNull(PREFIXED.id(SpecialToken.EOS));
    EncodedExample e = whole(PREFIXED, prompted(1, "Answer:", " 12."));
    assertThat(e.ids()[e.length() - 1]).isEqualTo(eos);
    assertThat(e.special()[e.length() - 1]).isTrue();
    assertThat(e.special()[0]).isTrue();
    assertThat(learnt(e)).endsWith(eos);
    Encoder.Encoded without =
        new CausalEncoder(PREFIXED, 99, LengthPolicy.ERROR, false, NothingToLearn.ERROR)
            .encode(new Dataset("x", List.of(prompted(1, "Answer:", " 12."))));
    assertThat(without.data().examples().get(0).ids())
        .isEqualTo(Arrays.copyOf(e.ids(), e.length() - 1));
  }

  @Test
  void tokens_that_the_tokenizer_puts_behind_a_text_do_not_come_between_prompt_and_completion()
      throws IOException {
    ObjectNode json = (ObjectNode) new ObjectMapper().readTree(BYTES.json());
    json.set(
        "post_processor",
        new ObjectMapper()
            .readTree(
                """
                {"type": "TemplateProcessing",
                 "single": [{"Sequence": {"id": "A", "type_id": 0}},
                            {"SpecialToken": {"id": "<|endoftext|>", "type_id": 0}}],
                 "pair": [{"Sequence": {"id": "A", "type_id": 0}},
                          {"Sequence": {"id": "B", "type_id": 0}}],
                 "special_tokens": {"<|endoftext|>":
                   {"id": "<|endoftext|>", "ids": [0], "tokens": ["<|endoftext|>"]}}}
                """));
    Tokenizer closing =
        Tokenizer.of(json.toString().getBytes(StandardCharsets.UTF_8), BYTES.config());
    assertThat(closing.encode("Answer:").ids()).endsWith(0);
    assertThat(whole(closing, prompted(1, "Answer:", " 12.")).ids())
        .isEqualTo(whole(BYTES, prompted(1, "Answer:", " 12.")).ids());
    assertThat(CausalEncoder.prompt(closing, "Answer:"))
        .isEqualTo(CausalEncoder.prompt(BYTES, "Answer:"));
  }

  @Test
  void tokenizer_without_end_of_text_is_refused_with_what_to_do() {
    Tokenizer mute = Tokenizer.of(BYTES.json(), "{}".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> whole(mute, text(1, "a")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("names no eos_token")
        .hasMessageContaining("end: false");
  }

  @Test
  void each_policy_does_what_it_says_to_long_examples_and_counts_it() {
    Example e = prompted(5, "What is 2 plus 3?\nAnswer:", " 5.");
    int[] all = whole(PREFIXED, e).ids(); // <s> What is 2 plus 3 ? \n Answer : 5 . </s>
    int n = all.length;

    Encoder.Encoded right =
        encode(PREFIXED, n - 1, LengthPolicy.TRUNCATE_RIGHT, NothingToLearn.ERROR, e);
    assertThat(right.data().examples().get(0).ids()).isEqualTo(Arrays.copyOf(all, n - 1));
    assertThat(learnt(right.data().examples().get(0))).hasSize(2);
    assertThat(right.truncated()).isEqualTo(1);

    Encoder.Encoded left =
        encode(PREFIXED, n - 2, LengthPolicy.TRUNCATE_LEFT, NothingToLearn.ERROR, e);
    int[] kept = left.data().examples().get(0).ids();
    assertThat(kept[0]).isEqualTo(1);
    assertThat(Arrays.copyOfRange(kept, 1, n - 2)).isEqualTo(Arrays.copyOfRange(all, 3, n));
    assertThat(learnt(left.data().examples().get(0))).hasSize(3);

    Encoder.Encoded drop =
        encode(PREFIXED, n - 1, LengthPolicy.DROP, NothingToLearn.ERROR, e, text(6, "a"));
    assertThat(drop.dropped()).isEqualTo(1);
    assertThat(drop.kept().examples()).extracting(Example::row).containsExactly(6L);

    assertThatThrownBy(() -> encode(PREFIXED, n - 1, LengthPolicy.ERROR, NothingToLearn.ERROR, e))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("row 5 of x.jsonl has " + n + " tokens, the limit is " + (n - 1));
  }

  @Test
  void cutting_even_the_completion_from_the_left_learns_what_is_left_of_it() {
    Example e = prompted(5, "What is 2 plus 3?\nAnswer:", " 5 is the answer.");
    EncodedExample cut =
        encode(PREFIXED, 5, LengthPolicy.TRUNCATE_LEFT, NothingToLearn.ERROR, e)
            .data()
            .examples()
            .get(0);
    assertThat(learnt(cut)).hasSize(4);
    cut =
        encode(BYTES, 3, LengthPolicy.TRUNCATE_LEFT, NothingToLearn.ERROR, e)
            .data()
            .examples()
            .get(0);
    assertThat(learnt(cut)).as("nothing comes before the first token").hasSize(2);
  }

  @Test
  void every_token_of_a_split_text_is_learnt_once() {
    Example long1 = text(7, "Once upon a time a cat and a dog sat in the sun. The dog said: what?");
    int[] all = whole(PREFIXED, long1).ids();
    for (int limit = 2; limit < all.length + 2; limit++) {
      Encoder.Encoded encoded =
          encode(PREFIXED, limit, LengthPolicy.SPLIT, NothingToLearn.ERROR, long1);
      int[] learnt =
          encoded.data().examples().stream().flatMapToInt(e -> IntStream.of(learnt(e))).toArray();
      assertThat(learnt)
          .as("windows of %d", limit)
          .isEqualTo(Arrays.copyOfRange(all, 1, all.length));
      int windows = encoded.data().size();
      assertThat(encoded.kept().examples()).hasSize(windows).containsOnly(long1);
      if (windows > 1) {
        assertThat(encoded.notes()).contains("1 texts were cut into " + windows + " windows");
      }
    }
  }

  @Test
  void prompts_with_completions_are_not_split() {
    assertThatThrownBy(
            () ->
                encode(
                    BYTES,
                    4,
                    LengthPolicy.SPLIT,
                    NothingToLearn.ERROR,
                    prompted(2, "What is the question?", " One.")))
        .hasMessageContaining("row 2 of x.jsonl")
        .hasMessageContaining("split is for texts without a prompt");
  }

  @Test
  void an_example_with_nothing_to_learn_is_refused_or_left_out_and_counted() {
    Example full = prompted(9, "What is the question?", " One.");
    Example good = prompted(10, "a", "b");
    Example empty = prompted(11, "a", "");
    assertThatThrownBy(
            () -> encode(BYTES, 4, LengthPolicy.TRUNCATE_RIGHT, NothingToLearn.ERROR, full))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("row 9 of x.jsonl has a prompt that alone fills the 4 tokens")
        .hasMessageContaining("nothing-to-learn: skip");
    assertThatThrownBy(
            () -> encode(BYTES, 4, LengthPolicy.TRUNCATE_RIGHT, NothingToLearn.ERROR, empty))
        .hasMessageContaining("row 11 of x.jsonl has no token to learn");
    Encoder.Encoded some =
        encode(BYTES, 4, LengthPolicy.TRUNCATE_RIGHT, NothingToLearn.SKIP, full, good, empty);
    assertThat(some.kept().examples()).containsExactly(good);
    assertThat(some.data().examples().get(0).index()).isZero();
    assertThat(some.truncated()).isZero();
    assertThat(some.notes())
        .contains(
            "2 examples were left out, as no token of them is to learn; first: row 9 of x.jsonl");
    assertThatThrownBy(
            () -> encode(BYTES, 4, LengthPolicy.TRUNCATE_RIGHT, NothingToLearn.SKIP, full, empty))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("nothing of x.jsonl is left to learn: of 2 examples");
  }

  @Test
  void the_fingerprint_follows_what_is_learnt() {
    String one =
        encode(BYTES, 9, LengthPolicy.ERROR, NothingToLearn.ERROR, prompted(1, "a b", " c"))
            .data()
            .fingerprint();
    String two =
        encode(BYTES, 9, LengthPolicy.ERROR, NothingToLearn.ERROR, prompted(1, "a", " b c"))
            .data()
            .fingerprint();
    assertThat(one).isNotEqualTo(two);
  }
}
