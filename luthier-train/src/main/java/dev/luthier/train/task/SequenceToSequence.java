package dev.luthier.train.task;

import com.google.auto.service.AutoService;
import dev.luthier.data.TargetKind;
import dev.luthier.data.batch.Batch;
import dev.luthier.data.batch.Collator;
import dev.luthier.data.batch.EncodedExample;
import dev.luthier.data.batch.NothingToLearn;
import dev.luthier.data.batch.Ragged;
import dev.luthier.data.batch.SequenceToSequenceEncoder;
import dev.luthier.data.batch.Targets;
import dev.luthier.data.length.LengthPolicy;
import dev.luthier.model.Head;
import dev.luthier.model.Tokens;
import dev.luthier.model.tokenizer.Tokenizer;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Objective;
import dev.luthier.train.Task;
import dev.luthier.train.objective.CrossEntropy;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Learns to write a completion for a prompt with an encoder-decoder, which reads the prompt s as a
 * whole and writes the completion y token by token. In training the decoder is given the true
 * tokens before each (teacher forcing): the completion shifted right by one, behind the token that
 * a decoder begins with.
 *
 * <pre>
 *   L = Σ -log p(yᵢ | s, y₁ … yᵢ₋₁)      over all tokens of the completion, the last one too
 * </pre>
 *
 * <p>The weight of the loss is the number of those tokens. Both texts end with the tokenizer's
 * end-of-text token, and {@code data.max-length} bounds each of the two, unless the completion has
 * a bound of its own; {@code data.over-length} says what becomes of longer ones. Nothing is padded,
 * so there is no padding to ignore.
 *
 * <p>When to use it: for translation, summaries and the like with T5 and its kin, where what is
 * read and what is written are two texts.
 *
 * @param nothingToLearn what to do with an example whose completion is empty
 * @param maxTargetLength the most tokens of a completion, its end-of-text token included, at least
 *     2; {@code data.max-length} where it is not given
 */
@Technique(
    id = "loss-seq2seq",
    key = "sequence-to-sequence",
    name = "Sequence to sequence",
    area = Area.TASK,
    paper = "Sutskever et al. 2014, arXiv:1409.3215; Raffel et al. 2019, arXiv:1910.10683")
@AutoService(Task.class)
public record SequenceToSequence(NothingToLearn nothingToLearn, @Nullable Integer maxTargetLength)
    implements Task.PerToken {
  /** An example with nothing to learn is an error. */
  public SequenceToSequence() {
    this(NothingToLearn.ERROR, null);
  }

  /** Checks the range. */
  public SequenceToSequence {
    if (maxTargetLength != null && maxTargetLength < 2) {
      throw new IllegalArgumentException(
          "max-target-length must be at least 2 (one token, and the one that ends the text), not "
              + maxTargetLength);
    }
  }

  @Override
  public TargetKind targetKind() {
    return TargetKind.COMPLETION;
  }

  @Override
  public Head head(List<String> labels) {
    return new Head.SequenceToSequence();
  }

  @Override
  public Objective objective() {
    return new CrossEntropy();
  }

  @Override
  public SequenceToSequenceEncoder encoder(Tokenizer tokenizer, int limit, LengthPolicy policy) {
    return new SequenceToSequenceEncoder(tokenizer, limit, maxTargetLength, policy, nothingToLearn);
  }

  @Override
  public Collator collator(List<String> labels, Tokenizer tokenizer) {
    return (examples, draws) -> collate(examples);
  }

  /** The wanted logits are those of the learnt tokens, each made of what is before it. */
  private static Batch collate(List<EncodedExample> examples) {
    List<EncodedExample> sorted = Ragged.order(examples);
    Tokens tokens = Ragged.tokens(sorted);
    long[] wanted = wanted(sorted, tokens.segments().total());
    long[] ids = tokens.ids().toLongs();
    long[] answers = Arrays.stream(wanted).map(at -> ids[(int) at]).toArray();
    return Ragged.batch(
        sorted,
        new Tokens(
            tokens.ids(), tokens.types(), tokens.segments(), Tensor.of(wanted, wanted.length)),
        new Targets.Classes(Tensor.of(answers, answers.length)));
  }

  private static long[] wanted(List<EncodedExample> sorted, int total) {
    boolean[] learnt = new boolean[total];
    int at = 0;
    for (EncodedExample e : sorted) {
      boolean[] own = e.learnt();
      if (own == null || e.types() == null) {
        throw new IllegalArgumentException(
            "row " + e.row() + " does not say which tokens are the target's and are learnt");
      }
      System.arraycopy(own, 0, learnt, at, own.length);
      at += own.length;
    }
    return IntStream.range(0, total).filter(i -> learnt[i]).asLongStream().toArray();
  }
}
