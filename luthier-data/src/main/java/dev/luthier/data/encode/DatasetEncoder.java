package dev.luthier.data.encode;

import dev.luthier.data.DataException;
import dev.luthier.data.Dataset;
import dev.luthier.data.Example;
import dev.luthier.data.batch.EncodedDataset;
import dev.luthier.data.batch.EncodedExample;
import dev.luthier.data.length.LengthPolicy;
import dev.luthier.data.length.Lengths;
import dev.luthier.model.tokenizer.Encoding;
import dev.luthier.model.tokenizer.Tokenizer;
import dev.luthier.model.tokenizer.Truncation;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Turns texts into tokens, and does to those that are too long what the policy says. Of a pair, the
 * longer text is cut first.
 *
 * @param tokenizer the model's
 * @param limit the most tokens of an example, those that the tokenizer adds included
 * @param policy what becomes of longer examples
 */
public record DatasetEncoder(Tokenizer tokenizer, int limit, LengthPolicy policy) {

  /** Checks the limit. */
  public DatasetEncoder {
    if (limit < 1) {
      throw new DataException("data.max-length is " + limit + "; it must be at least 1");
    }
  }

  /**
   * The data set in tokens.
   *
   * @throws DataException when an example is too long and the policy is to stop, or none remains
   */
  public Encoded encode(Dataset data) {
    List<Encoding> whole =
        data.examples().parallelStream()
            .map(example -> tokenizer.encode(example.text(), example.pair()))
            .toList();
    int[] measured = whole.stream().mapToInt(Encoding::length).toArray();
    Lengths lengths = Lengths.of(measured, limit);
    List<EncodedExample> kept = new ArrayList<>(data.size());
    int truncated = 0;
    long tokensCut = 0;
    for (int i = 0; i < data.size(); i++) {
      Encoding fitted = fit(data, i, whole.get(i));
      if (fitted != null) {
        kept.add(example(kept.size(), data.examples().get(i), fitted));
        truncated += fitted.truncated() > 0 ? 1 : 0;
        tokensCut += fitted.truncated();
      }
    }
    if (kept.isEmpty() && !data.isEmpty()) {
      throw new DataException(
          ("every example of %s has more than %d tokens and is left out; raise data.max-length or"
                  + " set data.over-length: truncate-right")
              .formatted(data.name(), limit));
    }
    return new Encoded(
        new EncodedDataset(data.name(), kept, fingerprint(kept, data)),
        lengths,
        policy,
        truncated,
        data.size() - kept.size(),
        tokensCut);
  }

  private @Nullable Encoding fit(Dataset data, int index, Encoding whole) {
    if (whole.length() <= limit) {
      return whole;
    }
    Example example = data.examples().get(index);
    return switch (policy) {
      case DROP -> null;
      case TRUNCATE_RIGHT -> cut(example, Truncation.Side.RIGHT);
      case TRUNCATE_LEFT -> cut(example, Truncation.Side.LEFT);
      case ERROR ->
          throw new DataException(
              ("row %d of %s has %d tokens, the limit is %d. Raise data.max-length, or set"
                      + " data.over-length to drop, truncate-right or truncate-left")
                  .formatted(example.row(), data.name(), whole.length(), limit));
    };
  }

  private Encoding cut(Example example, Truncation.Side side) {
    return tokenizer.encode(
        example.text(), example.pair(), new Truncation(limit, Truncation.From.LONGEST, side));
  }

  private static EncodedExample example(int index, Example example, Encoding encoding) {
    boolean typed = Arrays.stream(encoding.typeIds()).anyMatch(type -> type != 0);
    return new EncodedExample(
        index,
        example.row(),
        encoding.ids(),
        typed ? encoding.typeIds() : null,
        encoding.special(),
        example.target());
  }

  /** SHA-256 of the tokens and segments, and of the content that the targets are part of. */
  private static String fingerprint(List<EncodedExample> examples, Dataset data) {
    MessageDigest digest = sha256();
    digest.update(data.fingerprint().getBytes(StandardCharsets.US_ASCII));
    for (EncodedExample example : examples) {
      add(digest, new int[] {example.length(), example.types() == null ? 0 : 1});
      add(digest, example.ids());
      if (example.types() != null) {
        add(digest, example.types());
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void add(MessageDigest digest, int[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length);
    IntStream.of(values).forEach(bytes::putInt);
    digest.update(bytes.flip());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
