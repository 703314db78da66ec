package dev.luthier.data.batch;

import dev.luthier.data.DataException;
import dev.luthier.data.Dataset;
import dev.luthier.data.Example;
import dev.luthier.data.length.LengthPolicy;
import dev.luthier.data.length.Lengths;
import dev.luthier.model.tokenizer.Encoding;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Cuts sources and targets to length, and counts what becomes of them. */
final class SequenceToSequenceLayout {
  private static final String LIMIT = "data.max-length";

  private final Dataset dataset;
  private final SequenceToSequenceEncoder encoder;
  private final List<EncodedExample> examples = new ArrayList<>();
  private final List<Integer> places = new ArrayList<>();
  private final List<Integer> lengths = new ArrayList<>();
  private int over;
  private int dropped;
  private int sourcesCut;
  private int targetsCut;
  private int truncated;
  private int unlearnable;
  private long firstUnlearnable;
  private long read;
  private long learnt;

  /** A layout without examples. */
  SequenceToSequenceLayout(Dataset dataset, SequenceToSequenceEncoder encoder) {
    this.dataset = dataset;
    this.encoder = encoder;
  }

  /**
   * Adds the example at a place of the data set.
   *
   * @param whole null if there is nothing to learn
   */
  void add(int place, Example e, SequenceToSequenceEncoder.@Nullable Whole whole) {
    if (whole == null) {
      lack(e);
      return;
    }
    lengths.add(whole.length());
    boolean longSource = whole.source().length() > encoder.limit();
    boolean longTarget = whole.target().length() > encoder.targetLimit();
    if (longSource || longTarget) {
      over++;
      if (encoder.policy() == LengthPolicy.ERROR) {
        throw tooLong(e, whole, longSource);
      }
      if (encoder.policy() == LengthPolicy.DROP) {
        dropped++;
        return;
      }
      truncated++;
      sourcesCut += longSource ? 1 : 0;
      targetsCut += longTarget ? 1 : 0;
    }
    Encoding source = encoder.cut(whole.source());
    int kept = Math.min(whole.target().length(), encoder.targetLimit());
    examples.add(
        SequenceToSequenceEncoder.example(examples.size(), e, source, whole.target(), kept));
    places.add(place);
    read += source.length();
    learnt += kept;
  }

  private void lack(Example e) {
    if (encoder.nothing() == NothingToLearn.ERROR) {
      throw new DataException(
          ("row %d of %s has an empty completion, so nothing is to learn. Give it a text, leave it"
                  + " out by where, or set nothing-to-learn: skip for the task")
              .formatted(e.row(), dataset.name()));
    }
    firstUnlearnable = unlearnable == 0 ? e.row() : firstUnlearnable;
    unlearnable++;
  }

  private DataException tooLong(
      Example e, SequenceToSequenceEncoder.Whole whole, boolean longSource) {
    return new DataException(
        ("the %s of row %d of %s has %d tokens, the limit is %d. Raise %s, or set"
                + " data.over-length to drop, truncate-right or truncate-left")
            .formatted(
                longSource ? "prompt" : "completion",
                e.row(),
                dataset.name(),
                longSource ? whole.source().length() : whole.target().length(),
                longSource ? encoder.limit() : encoder.targetLimit(),
                longSource ? LIMIT : targetKey()));
  }

  private String targetKey() {
    return encoder.ownTargetLimit() == null ? LIMIT : "max-target-length of the task";
  }

  private boolean alike() {
    return encoder.limit() == encoder.targetLimit();
  }

  /**
   * Everything added.
   *
   * @throws DataException if nothing of it is to be learnt
   */
  Encoder.Encoded encoded() {
    if (examples.isEmpty()) {
      throw new DataException(
          ("nothing of %s is left to learn: of %d examples, %d have a prompt or a completion of more"
                  + " than %s tokens and %d have an empty completion. Raise %s, or set"
                  + " data.over-length to truncate-right")
              .formatted(
                  dataset.name(),
                  dataset.size(),
                  dropped,
                  alike()
                      ? encoder.limit()
                      : "%d and %d".formatted(encoder.limit(), encoder.targetLimit()),
                  unlearnable,
                  encoder.ownTargetLimit() == null ? LIMIT : LIMIT + " or " + targetKey()));
    }
    return Encoder.Encoded.of(dataset, places, examples, measured(), dropped, truncated, notes());
  }

  /** Lengths of sources with their targets; what has one that is too long is over the limit. */
  private Lengths measured() {
    int limit = (int) Math.min(Integer.MAX_VALUE, (long) encoder.limit() + encoder.targetLimit());
    Lengths all = Lengths.of(lengths.stream().mapToInt(Integer::intValue).toArray(), limit);
    return new Lengths(
        all.examples(), all.min(), all.median(), all.p95(), all.max(), limit, over, all.tokens());
  }

  private List<String> notes() {
    List<String> notes = new ArrayList<>();
    notes.add("%,d tokens are read, %,d are learnt".formatted(read, learnt));
    if (truncated > 0) {
      notes.add(
          alike()
              ? "%d prompts and %d completions were cut to %d tokens each"
                  .formatted(sourcesCut, targetsCut, encoder.limit())
              : "%d prompts were cut to %d tokens, and %d completions to %d"
                  .formatted(sourcesCut, encoder.limit(), targetsCut, encoder.targetLimit()));
    }
    if (unlearnable > 0) {
      notes.add(
          "%d examples were left out, as their completion is empty; first: row %d of %s"
              .formatted(unlearnable, firstUnlearnable, dataset.name()));
    }
    return notes;
  }
}
