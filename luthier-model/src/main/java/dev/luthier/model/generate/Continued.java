package dev.luthier.model.generate;

import dev.luthier.model.ModelException;
import dev.luthier.model.Pretrained;
import dev.luthier.model.nn.KeyValues;
import dev.luthier.model.tokenizer.Tokenizer;
import dev.luthier.tensor.Rng;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One prompt that is being written on. */
final class Continued {
  private final @Nullable Tokenizer tokenizer;
  private final Set<Integer> ends;
  private final Generation how;
  private final Rng.Key key;
  private final KeyValues past;
  private final int room;
  private final int prompt;
  private final List<Integer> written = new ArrayList<>();

  private int[] unread;
  private @Nullable String text;
  private Generated.@Nullable End end;

  /**
   * @param ends ids that end a text
   * @param room the most tokens, the prompt's included
   */
  Continued(
      Pretrained model,
      Set<Integer> ends,
      Generation how,
      Rng.Key key,
      int[] prompt,
      KeyValues past,
      int room) {
    this.tokenizer = model.tokenizerOrNull();
    this.ends = ends;
    this.how = how;
    this.key = key;
    this.past = past;
    this.room = room;
    this.prompt = prompt.length;
    this.unread = prompt.clone();
  }

  /** The tokens that the model has not read yet. */
  int[] unread() {
    return unread;
  }

  KeyValues past() {
    return past;
  }

  /** Writes one more token, and sees whether that is the end. */
  void choose(float[] logits) {
    for (float logit : logits) {
      if (Float.isNaN(logit)) {
        throw new ModelException(
            "token " + written.size() + " of the text cannot be chosen: the model gives NaN");
      }
    }
    int id = how.choice().next(logits, key.uniform(written.size()));
    written.add(id);
    unread = new int[] {id};
    if (ends.contains(id)) {
      end = Generated.End.TOKEN;
    } else if (stops()) {
      end = Generated.End.STOP;
    } else if (written.size() == how.maxTokens()) {
      end = Generated.End.LIMIT;
    } else if (prompt + written.size() == room) {
      end = Generated.End.FULL;
    }
  }

  private boolean stops() {
    if (how.stops().isEmpty() || tokenizer == null) {
      return false;
    }
    String now = decoded(tokenizer);
    int first = how.stops().stream().mapToInt(now::indexOf).filter(i -> i >= 0).min().orElse(-1);
    if (first >= 0) {
      text = now.substring(0, first);
    }
    return first >= 0;
  }

  private String decoded(Tokenizer with) {
    return with.decode(written.stream().mapToInt(Integer::intValue).toArray(), true);
  }

  /** Whether it has ended; what was kept of it is then freed. */
  boolean closedIfEnded() {
    if (end != null) {
      past.close();
    }
    return end != null;
  }

  Generated result() {
    if (end == null) {
      throw new IllegalStateException("it has not ended");
    }
    String all = text == null && tokenizer != null ? decoded(tokenizer) : text;
    return new Generated(written, all, end);
  }
}
