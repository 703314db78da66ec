package dev.luthier.data.batch;

import dev.luthier.data.DataException;
import dev.luthier.data.Dataset;
import dev.luthier.data.Example;
import dev.luthier.data.length.LengthPolicy;
import dev.luthier.data.length.Lengths;
import dev.luthier.model.tokenizer.Encoding;
import dev.luthier.model.tokenizer.Tokenizer;
import dev.luthier.model.tokenizer.Truncation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Encodes texts, or pairs of texts, as a whole.
 *
 * @param tokenizer of the model
 * @param limit the most tokens of an example, special tokens included
 * @param policy what becomes of longer examples
 */
public record TextEncoder(Tokenizer tokenizer, int limit, LengthPolicy policy) implements Encoder {
  /** Checks the limit. */
  public TextEncoder {
    if (limit < 1) {
      throw new DataException("data.max-length is " + limit + "; it must be at least 1");
    }
    if (policy == LengthPolicy.SPLIT) {
      throw new DataException(
          "data.over-length: split is for tasks that learn whole texts; here an example must stay"
              + " one. Choose error, drop, truncate-right or truncate-left");
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws DataException naming the first row that is too long, if the policy is to stop; or if no
   *     example is left
   */
  @Override
  public Encoded encode(Dataset dataset) {
    Encoding[] all = new Encoding[dataset.size()];
    IntStream.range(0, all.length)
        .parallel()
        .forEach(
            i -> {
              Example e = dataset.examples().get(i);
              all[i] = tokenizer.encode(e.text(), e.pair());
            });
    List<EncodedExample> out = new ArrayList<>();
    List<Integer> kept = new ArrayList<>();
    for (int i = 0; i < all.length; i++) {
      Example e = dataset.examples().get(i);
      Encoding whole = all[i];
      if (whole.length() > limit) {
        if (policy == LengthPolicy.DROP) {
          continue;
        }
        whole = cut(dataset, e, whole);
      }
      out.add(example(out.size(), e, whole));
      kept.add(i);
    }
    if (out.isEmpty()) {
      throw new DataException(
          "no example of %s is left: all have more than %d tokens. Raise data.max-length, or set"
                  .formatted(dataset.name(), limit)
              + " data.over-length to truncate-right");
    }
    int[] lengths = Arrays.stream(all).mapToInt(Encoding::length).toArray();
    return Encoded.of(dataset, kept, out, Lengths.of(lengths, limit));
  }

  private Encoding cut(Dataset dataset, Example e, Encoding whole) {
    if (policy == LengthPolicy.ERROR) {
      throw new DataException(
          String.format(
              Locale.ROOT,
              "row %d of %s has %d tokens, the limit is %d. Raise data.max-length, or set"
                  + " data.over-length to drop, truncate-right or truncate-left",
              e.row(),
              dataset.name(),
              whole.length(),
              limit));
    }
    Truncation.Side side =
        policy == LengthPolicy.TRUNCATE_LEFT ? Truncation.Side.LEFT : Truncation.Side.RIGHT;
    return tokenizer.encode(
        e.text(), e.pair(), new Truncation(limit, Truncation.From.LONGEST, side));
  }

  private static EncodedExample example(int index, Example e, Encoding encoding) {
    boolean oneText = Arrays.stream(encoding.typeIds()).allMatch(t -> t == 0);
    return new EncodedExample(
        index,
        e.row(),
        encoding.ids(),
        oneText ? null : encoding.typeIds(),
        encoding.special(),
        e.target());
  }
}
