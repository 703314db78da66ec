package dev.luthier.model.t5;

import dev.luthier.model.Decoder;
import dev.luthier.model.ModelException;
import dev.luthier.model.Outputs;
import dev.luthier.model.Readout;
import dev.luthier.model.TokenIds;
import dev.luthier.model.Tokens;
import dev.luthier.model.encoder.TokenHead;
import dev.luthier.model.nn.Embedding;
import dev.luthier.model.nn.KeyValues;
import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An encoder and a decoder, with a head over the words of the target or without one. A batch is
 * read as {@link Pairs} says: each sequence is a source and behind it its target.
 *
 * <p>Hidden states are those of all tokens: of a source's what the encoder gives, of a target's
 * what the decoder gives in its place. Logits are those of target tokens.
 */
public final class T5Model implements Decoder {
  private final T5Config config;
  private final Embedding words;
  private final T5Stack encoder;
  private final T5Stack decoder;
  private final @Nullable TokenHead head;

  /**
   * Declares a model.
   *
   * @param writes whether it has a head over the words of the target
   */
  T5Model(T5Config c, boolean writes) {
    this.config = c;
    this.words = new Embedding(c.vocabulary(), c.width(), c.factor());
    this.encoder = new T5Stack(c, words, false);
    this.decoder = new T5Stack(c, words, true);
    this.head = writes ? new TokenHead(T5Names.LANGUAGE_HEAD, over(c, words), 0) : null;
  }

  /** The table of words, which encoder and decoder share, {@code [vocabulary, width]}. */
  public Parameter words() {
    return words.weight();
  }

  /** What distances add to scores, {@code [buckets, heads]}, in the encoder or the decoder. */
  public Parameter distances(boolean decodes) {
    return (decodes ? decoder : encoder).distances().table();
  }

  /** The head's layer: the word table itself where the two are tied. */
  private static Linear over(T5Config c, Embedding words) {
    return c.tied()
        ? new Linear(words.weight(), null)
        : T5Attention.linear(c.width(), c.vocabulary(), c.factor());
  }

  /** What both stacks give for a batch. */
  private record States(Tensor source, Tensor target) {}

  @Override
  public Outputs forward(Tokens tokens, Pass pass) {
    Pairs pairs = pairs(tokens);
    States states = states(tokens, pairs, pass);
    Tensor hidden =
        Scope.call(
            () -> Tensor.cat(0, states.source(), states.target()).indexSelect(0, pairs.order()));
    TokenHead layers = head;
    return new Outputs(
        hidden,
        layers == null
            ? null
            : Scope.call(() -> layers.logits(scaled(states.target()), pairs.target(), pass)));
  }

  @Override
  public @Nullable Readout readout(Tokens tokens, Pass pass) {
    if (head == null) {
      return null;
    }
    Pairs pairs = pairs(tokens);
    return head.readout(() -> scaled(states(tokens, pairs, pass).target()), pairs.target(), pass);
  }

  private Pairs pairs(Tokens tokens) {
    return Pairs.of(tokens, config.start(), config.vocabulary());
  }

  private States states(Tokens tokens, Pairs pairs, Pass pass) {
    Tensor x = Scope.call(() -> pass.embedded(words.forward(pairs.inputs()), tokens.segments()));
    Tensor source =
        encoder.forward(
            x.indexSelect(0, pairs.sourceRows()), pass.at(T5Names.ENCODER), pairs.source(), null);
    Tensor target =
        decoder.forward(
            x.indexSelect(0, pairs.targetRows()),
            pass.at(T5Names.DECODER),
            pairs.target().segments(),
            new T5Stack.Source(source, pairs.source()));
    return new States(source, target);
  }

  /** What the head reads. */
  private Tensor scaled(Tensor states) {
    return config.tied() ? states.mul(1 / Math.sqrt((double) config.width())) : states;
  }

  @Override
  public boolean recompute(boolean wanted) {
    encoder.recompute(wanted);
    decoder.recompute(wanted);
    return true;
  }

  // ---- writing ----

  /** Room for a target of a source of which nothing is known: both may have so many tokens. */
  @Override
  public KeyValues room(int tokens) {
    return kept(tokens, tokens);
  }

  /** Room for the target alone; of the source, which is the prompt, all is known at once. */
  @Override
  public KeyValues room(int prompt, int tokens) {
    return kept(Math.max(1, tokens - prompt), prompt);
  }

  private KeyValues kept(int target, int source) {
    T5Attention first = decoder.blocks().get(0).self();
    return new KeyValues(
        config.decoderLayers(), target, source, 1, config.headsWidth(), first.type());
  }

  @Override
  public Tensor readOn(Tokens tokens, List<KeyValues> past) {
    TokenHead layers = head;
    if (layers == null) {
      throw new ModelException("this model has no head for the next token, so it cannot read on");
    }
    if (past.size() != tokens.segments().count()) {
      throw new IllegalArgumentException(
          tokens.segments().count() + " sequences, but " + past.size() + " were read before");
    }
    var unused =
        TokenIds.requireBelow(tokens.ids(), config.vocabulary(), "token id", tokens.segments());
    try (Autograd.Guard off = Autograd.noGrad()) {
      return Scope.call(() -> written(layers, tokens, past));
    }
  }

  private Tensor written(TokenHead layers, Tokens tokens, List<KeyValues> past) {
    List<Integer> fresh = Reading.fresh(past);
    if (!fresh.isEmpty()) {
      Tokens sources = Reading.some(tokens, fresh);
      Segments segments = sources.segments();
      Tensor states =
          encoder.forward(words.forward(sources.ids()), Pass.EVALUATION, segments, null);
      Reading.keepSources(decoder, states, segments, fresh.stream().map(past::get).toList());
    }
    Tokens read = Reading.begun(tokens, past, config.start());
    Tensor lasts = new Reading(decoder, read, past).states(words.forward(read.ids()));
    Tensor ids = read.ids().indexSelect(0, read.segments().lasts().to(read.ids().device()));
    Segments ones = read.segments().of(read.segments().lasts().toLongs());
    return layers.logits(scaled(lasts), new Tokens(ids, ones), Pass.EVALUATION);
  }

  /** The sizes. */
  public T5Config config() {
    return config;
  }

  @Override
  public int vocabulary() {
    return config.vocabulary();
  }

  @Override
  public boolean hasHead() {
    return head != null;
  }

  @Override
  public void parts(Parts parts) {
    parts.module(T5Names.WORDS, words);
    parts.module(T5Names.ENCODER, encoder);
    parts.module(T5Names.DECODER, decoder);
    if (head != null) {
      parts.module("", head);
    }
  }
}
