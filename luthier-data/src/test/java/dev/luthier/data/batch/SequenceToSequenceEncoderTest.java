package dev.luthier.data.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.data.DataException;
import dev.luthier.data.Dataset;
import dev.luthier.data.Example;
import dev.luthier.data.Target;
import dev.luthier.data.length.LengthPolicy;
import dev.luthier.model.tokenizer.SpecialToken;
import dev.luthier.model.tokenizer.Tokenizer;
import dev.luthier.model.tokenizer.TokenizerException;
import dev.luthier.testing.Proves;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@Proves("loss-seq2seq")
class SequenceToSequenceEncoderTest {
  /** Puts {@code <s>} before a text and nothing behind it. */
  private static final Tokenizer TOKENIZER =
      Tokenizer.load(Path.of("src/test/resources/golden/causal/prefixed"));

  private static final int END = Objects.requireNonNull(TOKENIZER.id(SpecialToken.EOS));

  private static Example pair(long row, String prompt, String completion) {
    return new Example(row, prompt, null, new Target.Completion(completion));
  }

  private static Encoder.Encoded encode(int limit, LengthPolicy policy, Example... examples) {
    return encode(limit, policy, NothingToLearn.ERROR, examples);
  }

  private static Encoder.Encoded encode(
      int limit, LengthPolicy policy, NothingToLearn nothing, Example... examples) {
    return encode(limit, null, policy, nothing, examples);
  }

  private static Encoder.Encoded encode(
      int limit,
      @Nullable Integer targetLimit,
      LengthPolicy policy,
      NothingToLearn nothing,
      Example... examples) {
    return new SequenceToSequenceEncoder(TOKENIZER, limit, targetLimit, policy, nothing)
        .encode(new Dataset("x.jsonl", List.of(examples)));
  }

  private static int[] part(EncodedExample e, int type) {
    int[] types = Objects.requireNonNull(e.types());
    return IntStream.range(0, e.length())
        .filter(i -> types[i] == type)
        .map(i -> e.ids()[i])
        .toArray();
  }

  private static int[] closed(String text) {
    int[] ids = TOKENIZER.encode(text).ids();
    int[] out = Arrays.copyOf(ids, ids.length + 1);
    out[ids.length] = END;
    return out;
  }

  @Test
  void source_and_target_are_apart_both_closed_and_all_of_the_target_is_learnt() {
    Encoder.Encoded encoded =
        encode(100, LengthPolicy.ERROR, pair(1, "What is 1 plus 2?", "3."), pair(2, "a", "b c"));
    EncodedExample first = encoded.data().examples().get(0);
    assertThat(part(first, 0)).isEqualTo(closed("What is 1 plus 2?"));
    assertThat(part(first, 1)).isEqualTo(closed("3."));
    boolean[] learnt = Objects.requireNonNull(first.learnt());
    int[] types = Objects.requireNonNull(first.types());
    for (int i = 0; i < types.length; i++) {
      assertThat(learnt[i]).isEqualTo(types[i] == 1);
    }
    assertThat(first.special()[first.length() - 1]).isTrue();
    assertThat(encoded.truncated()).isZero();
    int target = closed("3.").length + closed("b c").length;
    int source = closed("What is 1 plus 2?").length + closed("a").length;
    assertThat(encoded.notes())
        .containsExactly("%d tokens are read, %d are learnt".formatted(source, target));
    assertThat(encoded.lengths().tokens()).isEqualTo(source + target);
  }

  @Test
  void a_source_that_is_cut_is_closed_and_a_target_that_is_cut_is_not() {
    String words = "one plus two plus three plus four plus five";
    Encoder.Encoded right = encode(8, LengthPolicy.TRUNCATE_RIGHT, pair(1, words, words));
    EncodedExample e = right.data().examples().get(0);
    int[] whole = closed(words);
    assertThat(part(e, 0)).hasSize(8).endsWith(END).startsWith(Arrays.copyOf(whole, 7));
    assertThat(part(e, 1)).isEqualTo(Arrays.copyOf(whole, 8)).doesNotContain(END);
    assertThat(right.truncated()).isEqualTo(1);
    assertThat(right.lengths().over()).isEqualTo(1);
    assertThat(right.notes()).contains("1 prompts and 1 completions were cut to 8 tokens each");
    assertThat(right.summary()).contains("1 cut");

    EncodedExample left =
        encode(8, LengthPolicy.TRUNCATE_LEFT, pair(1, words, words)).data().examples().get(0);
    assertThat(part(left, 0))
        .as("the end of the source stays, and what the tokenizer puts before it")
        .startsWith(whole[0])
        .endsWith(Arrays.copyOfRange(whole, whole.length - 7, whole.length));
    assertThat(part(left, 1)).isEqualTo(Arrays.copyOf(whole, 8));
  }

  @Test
  void what_is_too_long_is_left_out_and_counted_or_named_with_its_row() {
    String words = "one plus two plus three plus four plus five";
    Example[] examples = {pair(1, "a", "b"), pair(2, words, "b"), pair(3, "a", words)};
    Encoder.Encoded dropped = encode(8, LengthPolicy.DROP, examples);
    assertThat(dropped.dropped()).isEqualTo(2);
    assertThat(dropped.data().examples()).extracting(EncodedExample::row).containsExactly(1L);
    assertThatThrownBy(() -> encode(8, LengthPolicy.ERROR, examples))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("the prompt of row 2 of x.jsonl has")
        .hasMessageContaining("the limit is 8");
    assertThatThrownBy(() -> encode(8, LengthPolicy.ERROR, pair(3, "a", words)))
        .hasMessageContaining("the completion of row 3 of x.jsonl has");
    assertThatThrownBy(() -> encode(8, LengthPolicy.DROP, pair(2, words, "b")))
        .hasMessageContaining("nothing of x.jsonl is left to learn: of 1 examples, 1 have");
  }

  @Test
  void a_target_may_have_a_limit_of_its_own_which_the_same_policy_keeps() {
    String words = "one plus two plus three plus four plus five";
    int all = closed(words).length;
    NothingToLearn stop = NothingToLearn.ERROR;
    Example both = pair(3, words, words);

    Encoder.Encoded cut = encode(8, 5, LengthPolicy.TRUNCATE_RIGHT, stop, both);
    EncodedExample e = cut.data().examples().get(0);
    assertThat(part(e, 0)).hasSize(8).endsWith(END);
    assertThat(part(e, 1)).isEqualTo(Arrays.copyOf(closed(words), 5));
    assertThat(cut.notes()).contains("1 prompts were cut to 8 tokens, and 1 completions to 5");
    assertThat(cut.lengths().limit()).isEqualTo(13);

    Encoder.Encoded longer = encode(8, all, LengthPolicy.TRUNCATE_RIGHT, stop, both);
    assertThat(part(longer.data().examples().get(0), 1)).isEqualTo(closed(words));
    assertThat(longer.notes())
        .contains("1 prompts were cut to 8 tokens, and 0 completions to " + all);

    Encoder.Encoded dropped = encode(all, 5, LengthPolicy.DROP, stop, both, pair(4, words, "b"));
    assertThat(dropped.data().examples()).extracting(EncodedExample::row).containsExactly(4L);
    assertThat(dropped.lengths().over()).isEqualTo(1);
    assertThatThrownBy(() -> encode(all, 5, LengthPolicy.ERROR, stop, both))
        .hasMessageContaining("the completion of row 3 of x.jsonl has %d tokens".formatted(all))
        .hasMessageContaining("the limit is 5. Raise max-target-length of the task");
    assertThatThrownBy(() -> encode(all, 5, LengthPolicy.DROP, stop, both))
        .hasMessageContaining("of more than %d and 5 tokens".formatted(all))
        .hasMessageContaining("Raise data.max-length or max-target-length of the task");
    assertThatThrownBy(() -> encode(8, 1, LengthPolicy.DROP, stop, both))
        .hasMessageContaining("max-target-length is 1");
  }

  @Test
  void an_empty_or_missing_completion_is_an_error_or_counted() {
    assertThatThrownBy(() -> encode(20, LengthPolicy.DROP, pair(4, "a", " ")))
        .hasMessageContaining("row 4 of x.jsonl has an empty completion")
        .hasMessageContaining("nothing-to-learn: skip");
    Encoder.Encoded some =
        encode(20, LengthPolicy.DROP, NothingToLearn.SKIP, pair(4, "a", ""), pair(5, "a", "b"));
    assertThat(some.data().size()).isEqualTo(1);
    assertThat(some.notes())
        .contains(
            "1 examples were left out, as their completion is empty; first: row 4 of x.jsonl");
    assertThatThrownBy(
            () -> encode(20, LengthPolicy.DROP, new Example(6, "a text alone", null, null)))
        .hasMessageContaining("row 6 of x.jsonl has no completion")
        .hasMessageContaining("prompt and completion");
  }

  @Test
  void what_cannot_be_asked_for_is_refused() {
    assertThatThrownBy(() -> encode(1, LengthPolicy.DROP, pair(1, "a", "b")))
        .hasMessageContaining("data.max-length is 1");
    assertThatThrownBy(() -> encode(20, LengthPolicy.SPLIT, pair(1, "a", "b")))
        .hasMessageContaining("over-length: split");
    Tokenizer endless =
        Tokenizer.load(Path.of("../luthier-model/src/test/resources/golden/tokenizers/wordpiece"));
    assertThatThrownBy(
            () ->
                new SequenceToSequenceEncoder(
                    endless, 20, null, LengthPolicy.DROP, NothingToLearn.ERROR))
        .isInstanceOf(TokenizerException.class)
        .hasMessageContaining("names no eos_token");
  }

  @Test
  void the_source_is_that_which_a_model_is_asked_with() {
    SequenceToSequenceEncoder encoder =
        new SequenceToSequenceEncoder(
            TOKENIZER, 8, null, LengthPolicy.TRUNCATE_RIGHT, NothingToLearn.ERROR);
    assertThat(encoder.source("a b").ids()).isEqualTo(closed("a b"));
    assertThat(encoder.source("a b").truncated()).isZero();
    assertThat(encoder.source("one plus two plus three plus four plus five").truncated())
        .isPositive();
  }
}
