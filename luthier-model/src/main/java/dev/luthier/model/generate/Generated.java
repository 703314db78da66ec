package dev.luthier.model.generate;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was written on a prompt.
 *
 * @param ids the tokens after the prompt; the one that ended the text is the last
 * @param text of these tokens without special ones, up to where a text to stop at begins; null if
 *     the model has no tokenizer
 * @param end why it ended
 */
public record Generated(List<Integer> ids, @Nullable String text, End end) {
  public Generated {
    ids = List.copyOf(ids);
  }

  /** Why the writing ended. */
  public enum End {
    /** The model ended the text. */
    TOKEN,
    /** A text to stop at came up. */
    STOP,
    /** The most tokens wanted were written. */
    LIMIT,
    /** The text is as long as the model was made for. */
    FULL
  }
}
