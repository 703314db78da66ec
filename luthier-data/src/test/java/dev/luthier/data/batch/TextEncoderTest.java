package dev.luthier.data.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.data.DataException;
import dev.luthier.data.Dataset;
import dev.luthier.data.Example;
import dev.luthier.data.Target;
import dev.luthier.data.length.LengthPolicy;
import dev.luthier.data.length.Lengths;
import dev.luthier.model.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class TextEncoderTest {
  /** Words a to f with ids 4 to 9, between [CLS] (1) and [SEP] (2). */
  private static final Tokenizer TOKENIZER =
      Tokenizer.of(
          """
          {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
           "normalizer": null, "pre_tokenizer": {"type": "Whitespace"},
           "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 1]},
           "decoder": null,
           "model": {"type": "WordLevel", "unk_token": "[UNK]", "vocab":
             {"[PAD]": 0, "[CLS]": 1, "[SEP]": 2, "[UNK]": 3,
              "a": 4, "b": 5, "c": 6, "d": 7, "e": 8, "f": 9}}}
          """
              .getBytes(StandardCharsets.UTF_8),
          null);

  private final Dataset data =
      new Dataset(
          "train.csv",
          List.of(
              new Example(1, "a b", null, new Target.OneLabel("x")),
              new Example(3, "a b c d e", null, new Target.OneLabel("y")),
              new Example(4, "f", "a", new Target.OneLabel("x"))));

  @Test
  void texts_become_tokens_between_those_the_model_expects() {
    Encoder.Encoded encoded = encode(10, LengthPolicy.ERROR);

    assertThat(encoded.data().examples().get(0).ids()).containsExactly(1, 4, 5, 2);
    assertThat(encoded.data().examples().get(0).types()).isNull();
    assertThat(encoded.data().examples().get(2).ids()).containsExactly(1, 9, 2, 4, 2);
    assertThat(encoded.data().examples().get(2).types()).containsExactly(0, 0, 0, 1, 1);
    assertThat(encoded.data().examples().get(1).row()).isEqualTo(3);
    assertThat(encoded.lengths()).isEqualTo(new Lengths(3, 4, 5, 7, 7, 10, 0, 16));
  }

  @Test
  void each_policy_does_what_it_says_and_counts_it() {
    Encoder.Encoded right = encode(5, LengthPolicy.TRUNCATE_RIGHT);
    assertThat(right.data().examples().get(1).ids()).containsExactly(1, 4, 5, 6, 2);
    assertThat(right.truncated()).isEqualTo(1);
    assertThat(right.summary())
        .isEqualTo("train.csv: tokens: 4 to 7, median 5, 95% up to 7; 1 of 3 over 5, 1 cut");

    Encoder.Encoded left = encode(5, LengthPolicy.TRUNCATE_LEFT);
    assertThat(left.data().examples().get(1).ids()).containsExactly(1, 6, 7, 8, 2);

    Encoder.Encoded drop = encode(5, LengthPolicy.DROP);
    assertThat(drop.data().size()).isEqualTo(2);
    assertThat(drop.dropped()).isEqualTo(1);
    assertThat(drop.truncated()).isZero();
    assertThat(drop.summary()).endsWith("1 of 3 over 5, 1 left out");
    assertThat(drop.kept().examples()).extracting(Example::row).containsExactly(1L, 4L);
    assertThat(drop.data().examples().get(1).row()).isEqualTo(4);
    assertThat(drop.data().examples().get(1).index()).isEqualTo(1);

    assertThatThrownBy(() -> encode(5, LengthPolicy.ERROR))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("row 3 of train.csv has 7 tokens, the limit is 5")
        .hasMessageContaining("data.over-length");
  }

  @Test
  void the_fingerprint_follows_what_the_model_sees() {
    assertThat(encode(10, LengthPolicy.ERROR).data().fingerprint())
        .isEqualTo(encode(10, LengthPolicy.TRUNCATE_LEFT).data().fingerprint())
        .isNotEqualTo(encode(5, LengthPolicy.TRUNCATE_LEFT).data().fingerprint());
  }

  @Test
  void a_limit_that_leaves_nothing_is_an_error() {
    assertThatThrownBy(() -> encode(3, LengthPolicy.DROP))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no example of train.csv is left");
    assertThatThrownBy(() -> encode(0, LengthPolicy.DROP)).hasMessageContaining("data.max-length");
  }

  @Test
  void lengths_are_summed_up_by_nearest_rank() {
    int[] lengths = new int[100];
    for (int i = 0; i < 100; i++) {
      lengths[i] = 100 - i;
    }

    assertThat(Lengths.of(lengths, 90)).isEqualTo(new Lengths(100, 1, 50, 95, 100, 90, 10, 5050));
    assertThat(Lengths.of(new int[] {4}, 3).overShare()).isEqualTo(1.0);
    assertThat(Lengths.of(new int[0], 3).overShare()).isZero();
  }

  private Encoder.Encoded encode(int limit, LengthPolicy policy) {
    return new TextEncoder(TOKENIZER, limit, policy).encode(data);
  }
}
