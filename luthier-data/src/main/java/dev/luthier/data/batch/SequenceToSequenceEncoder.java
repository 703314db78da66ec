package dev.luthier.data.batch;

import dev.luthier.data.DataException;
import dev.luthier.data.Dataset;
import dev.luthier.data.Example;
import dev.luthier.data.Target;
import dev.luthier.data.length.LengthPolicy;
import dev.luthier.model.tokenizer.ClosedText;
import dev.luthier.model.tokenizer.Encoding;
import dev.luthier.model.tokenizer.Tokenizer;
import dev.luthier.model.tokenizer.Truncation;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Encodes prompts and completions as sources and targets of an encoder-decoder. An example's tokens
 * are those of its source (segment id 0) and behind them those of its target (segment id 1); every
 * target token is learnt, and of the source none. Both end with the tokenizer's end-of-text token,
 * which is learnt with the target.
 *
 * <p>A source that is cut ends with that token all the same. A target that is cut does not: that it
 * ends there would be false.
 *
 * @param tokenizer of the model
 * @param limit the most tokens of a source, special tokens included; at least 2
 * @param ownTargetLimit likewise of a target; null where it is that of a source
 * @param policy what becomes of longer ones; {@code truncate-left} cuts a source's beginning, but
 *     always a target's end
 * @param nothing what becomes of examples whose completion is empty
 */
public record SequenceToSequenceEncoder(
    Tokenizer tokenizer,
    int limit,
    @Nullable Integer ownTargetLimit,
    LengthPolicy policy,
    NothingToLearn nothing)
    implements Encoder {

  /** Checks the limits, and that there is an end-of-text token. */
  public SequenceToSequenceEncoder {
    if (limit < 2) {
      throw new DataException(
          "data.max-length is "
              + limit
              + "; it must be at least 2: one token, and the one that ends the text");
    }
    if (ownTargetLimit != null && ownTargetLimit < 2) {
      throw new DataException(
          "max-target-length is "
              + ownTargetLimit
              + "; it must be at least 2: one token, and the one that ends the text");
    }
    if (policy == LengthPolicy.SPLIT) {
      throw new DataException(
          "data.over-length: split is for texts without a prompt; here a source belongs to its"
              + " target. Choose error, drop, truncate-right or truncate-left");
    }
    var unused = new ClosedText(tokenizer);
  }

  /** The most tokens of a target. */
  int targetLimit() {
    return ownTargetLimit == null ? limit : ownTargetLimit;
  }

  /** The tokens of a source, as the model is given them when it is asked. */
  public Encoding source(String text) {
    return cut(new ClosedText(tokenizer).encode(text));
  }

  /** What remains of a source; all of it, where it is short enough. */
  Encoding cut(Encoding source) {
    Truncation.Side side =
        policy == LengthPolicy.TRUNCATE_LEFT ? Truncation.Side.LEFT : Truncation.Side.RIGHT;
    return source.length() <= limit ? source : new ClosedText(tokenizer).cut(source, limit, side);
  }

  /**
   * {@inheritDoc}
   *
   * @throws DataException naming the first row that has no completion, or is too long or has
   *     nothing to learn, if the policy is to stop; or if nothing is left to learn of all of it
   */
  @Override
  public Encoded encode(Dataset dataset) {
    @Nullable Whole[] all = new @Nullable Whole[dataset.size()];
    IntStream.range(0, all.length)
        .parallel()
        .forEach(i -> all[i] = whole(dataset, dataset.examples().get(i)));
    SequenceToSequenceLayout layout = new SequenceToSequenceLayout(dataset, this);
    for (int i = 0; i < all.length; i++) {
      layout.add(i, dataset.examples().get(i), all[i]);
    }
    return layout.encoded();
  }

  /**
   * An example, whole.
   *
   * @param source its tokens, the closing one included
   * @param target likewise
   */
  record Whole(Encoding source, Encoding target) {
    /** The number of tokens of both. */
    int length() {
      return source.length() + target.length();
    }
  }

  /** Null if there is nothing to learn. */
  private @Nullable Whole whole(Dataset dataset, Example e) {
    if (!(e.target() instanceof Target.Completion completion)) {
      throw new DataException(
          ("row %d of %s has no completion, and this task learns to write one for a prompt. Name the"
                  + " columns of both by prompt and completion")
              .formatted(e.row(), dataset.name()));
    }
    if (completion.text().isBlank()) {
      return null;
    }
    ClosedText closed = new ClosedText(tokenizer);
    return new Whole(closed.encode(e.text()), closed.encode(completion.text()));
  }

  /** An example of a source and a target, which are short enough. */
  static EncodedExample example(int index, Example e, Encoding source, Encoding target, int kept) {
    int n = source.length();
    int[] ids = Arrays.copyOf(source.ids(), n + kept);
    boolean[] special = Arrays.copyOf(source.special(), n + kept);
    int[] types = new int[n + kept];
    boolean[] learnt = new boolean[n + kept];
    System.arraycopy(target.ids(), 0, ids, n, kept);
    System.arraycopy(target.special(), 0, special, n, kept);
    Arrays.fill(types, n, n + kept, 1);
    Arrays.fill(learnt, n, n + kept, true);
    return new EncodedExample(index, e.row(), ids, types, special, learnt, e.target());
  }
}
