package dev.luthier.data.batch;

import dev.luthier.data.DataException;
import dev.luthier.data.Dataset;
import dev.luthier.data.Example;
import dev.luthier.data.length.LengthPolicy;
import dev.luthier.data.length.Lengths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Cuts texts to length, says which of their tokens are learnt, and counts what becomes of them. */
final class CausalLayout {
  private final Dataset dataset;
  private final int limit;
  private final LengthPolicy policy;
  private final NothingToLearn nothing;
  private final @Nullable Integer closing;
  private final List<EncodedExample> examples = new ArrayList<>();
  private final List<Integer> places = new ArrayList<>();
  private int dropped;
  private int truncated;
  private int split;
  private int windows;
  private final Tally unlearnable = new Tally();
  private final Tally apart = new Tally();

  /** A number of rows, and the first of them. */
  private static final class Tally {
    private int count;
    private long first;

    void add(Example e) {
      first = count == 0 ? e.row() : first;
      count++;
    }

    boolean isEmpty() {
      return count == 0;
    }
  }

  /**
   * A layout without examples.
   *
   * @param closing the token that marks the end of a text
   */
  CausalLayout(
      Dataset dataset,
      int limit,
      LengthPolicy policy,
      NothingToLearn nothing,
      @Nullable Integer closing) {
    this.dataset = dataset;
    this.closing = closing;
    this.limit = limit;
    this.policy = policy;
    this.nothing = nothing;
  }

  /** Adds the text of the example at a place of the data set. */
  void add(int place, Example e, CausalEncoder.Text text) {
    if (text.from() >= text.ids().length) {
      lack(e, "has no token to learn", "Give it a longer text, leave it out by where");
      return;
    }
    int[] ids = text.ids();
    if (ids.length <= limit) {
      keep(place, e, text, ids, text.from());
      return;
    }
    switch (policy) {
      case ERROR -> throw tooLong(e, ids.length);
      case DROP -> dropped++;
      case TRUNCATE_RIGHT -> cut(place, e, text, Arrays.copyOf(ids, limit), text.from());
      case TRUNCATE_LEFT -> {
        int gone = ids.length - limit;
        int from = Math.max(Math.max(1, text.opening()), text.from() - gone);
        cut(place, e, text, lastOf(text), from);
      }
      case SPLIT -> split(place, e, text);
    }
  }

  private void cut(int place, Example e, CausalEncoder.Text text, int[] ids, int from) {
    if (from >= ids.length) {
      lack(
          e,
          "has a prompt that alone fills the " + limit + " tokens allowed, so nothing is to learn",
          "Raise data.max-length, set data.over-length to truncate-left or drop");
      return;
    }
    truncated++;
    keep(place, e, text, ids, from);
  }

  /** The opening tokens, and the last of the others. */
  private int[] lastOf(CausalEncoder.Text text) {
    int[] ids = text.ids();
    int opening = Math.min(text.opening(), limit);
    int[] out = Arrays.copyOf(ids, limit);
    int rest = limit - opening;
    System.arraycopy(ids, ids.length - rest, out, opening, rest);
    return out;
  }

  /** Windows that begin with the last token of the one before: every token is learnt once. */
  private void split(int place, Example e, CausalEncoder.Text text) {
    int[] ids = text.ids();
    if (text.prompted()) {
      throw new DataException(
          ("row %d of %s has %d tokens, the limit is %d, and data.over-length: split is for texts"
                  + " without a prompt. Set it to error, drop, truncate-right or truncate-left")
              .formatted(e.row(), dataset.name(), ids.length, limit));
    }
    split++;
    for (int at = 0; at + 1 < ids.length; at += limit - 1) {
      int end = Math.min(ids.length, at + limit);
      int from = Math.max(1, text.from() - at);
      if (from < end - at) {
        windows++;
        add(place, e, Arrays.copyOfRange(ids, at, end), at == 0 ? text.opening() : 0, from);
      }
    }
  }

  private void keep(int place, Example e, CausalEncoder.Text text, int[] ids, int from) {
    if (text.apart()) {
      apart.add(e);
    }
    add(place, e, ids, text.opening(), from);
  }

  private void add(int place, Example e, int[] ids, int opening, int from) {
    boolean[] special = new boolean[ids.length];
    Arrays.fill(special, 0, opening, true);
    special[ids.length - 1] |= closing != null && ids[ids.length - 1] == closing;
    boolean[] learnt = new boolean[ids.length];
    Arrays.fill(learnt, from, ids.length, true);
    examples.add(
        new EncodedExample(examples.size(), e.row(), ids, null, special, learnt, e.target()));
    places.add(place);
  }

  private void lack(Example e, String what, String remedy) {
    if (nothing == NothingToLearn.ERROR) {
      throw new DataException(
          "row %d of %s %s. %s, or set nothing-to-learn: skip for the task"
              .formatted(e.row(), dataset.name(), what, remedy));
    }
    unlearnable.add(e);
  }

  private DataException tooLong(Example e, int length) {
    return new DataException(
        ("row %d of %s has %d tokens, the limit is %d. Raise data.max-length, or set"
                + " data.over-length to drop, truncate-right, truncate-left or, for texts, split")
            .formatted(e.row(), dataset.name(), length, limit));
  }

  /**
   * Everything added.
   *
   * @throws DataException if nothing of it is to be learnt
   */
  Encoder.Encoded encoded(Lengths lengths) {
    if (examples.isEmpty()) {
      throw new DataException(
          ("nothing of %s is left to learn: of %d examples, %d have more than %d tokens and %d have"
                  + " no token to learn. Raise data.max-length, or set data.over-length to"
                  + " truncate-left")
              .formatted(dataset.name(), dataset.size(), dropped, limit, unlearnable.count));
    }
    return Encoder.Encoded.of(dataset, places, examples, lengths, dropped, truncated, notes());
  }

  private List<String> notes() {
    List<String> notes = new ArrayList<>();
    long all = 0;
    long learnt = 0;
    for (EncodedExample e : examples) {
      all += e.length();
      learnt += learnt(e.learnt());
    }
    notes.add("%,d of %,d tokens are learnt".formatted(learnt, all));
    if (split > 0) {
      notes.add("%d texts were cut into %d windows".formatted(split, windows));
    }
    if (!unlearnable.isEmpty()) {
      notes.add(
          "%d examples were left out, as no token of them is to learn; first: row %d of %s"
              .formatted(unlearnable.count, unlearnable.first, dataset.name()));
    }
    if (!apart.isEmpty()) {
      notes.add(
          ("%d completions would share a token with their prompt and were encoded apart; first: row"
                  + " %d of %s")
              .formatted(apart.count, apart.first, dataset.name()));
    }
    return notes;
  }

  private static int learnt(boolean @Nullable [] flags) {
    int n = 0;
    for (boolean flag : flags == null ? new boolean[0] : flags) {
      n += flag ? 1 : 0;
    }
    return n;
  }
}
