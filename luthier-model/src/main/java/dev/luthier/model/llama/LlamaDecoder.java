package dev.luthier.model.llama;

import dev.luthier.model.LayerStack;
import dev.luthier.model.TokenIds;
import dev.luthier.model.Tokens;
import dev.luthier.model.nn.Embedding;
import dev.luthier.model.nn.KeyValues;
import dev.luthier.model.nn.Module;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.RmsNorm;
import dev.luthier.model.nn.Segments;
import dev.luthier.model.rope.RotaryEmbedding;
import dev.luthier.model.rope.Rotation;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The word table, the layers above it, and the last norm. */
public final class LlamaDecoder implements Module, LayerStack.Body {
  private final LlamaConfig config;
  private final RotaryEmbedding positions;
  private final Embedding words;
  private final List<LlamaLayer> layers = new ArrayList<>();
  private final RmsNorm norm;
  private final LayerStack stack = new LayerStack(this);

  /** Declares a decoder. */
  LlamaDecoder(LlamaConfig config) {
    this.config = config;
    this.positions = new RotaryEmbedding(config.rope());
    this.words = new Embedding(config.vocabulary(), config.width(), config.deviation());
    for (int i = 0; i < config.layers(); i++) {
      layers.add(new LlamaLayer(config, i));
    }
    this.norm = new RmsNorm(config.width(), config.epsilon());
  }

  /**
   * @return the last hidden states {@code [tokens, width]}
   */
  public Tensor forward(Tokens tokens, Pass pass) {
    return normed(stack.forward(tokens, pass));
  }

  /**
   * The last hidden states of each sequence's last token. The last layer answers for those alone,
   * which saves most of its work.
   *
   * @return {@code [sequences, width]}
   */
  Tensor lasts(Tokens tokens, Pass pass) {
    Segments segments = tokens.segments();
    Tensor x = stack.forward(tokens, pass, this::overButLast);
    return normed(
        x.size(0) == segments.total() ? x.indexSelect(0, segments.lasts().to(x.device())) : x);
  }

  private LayerStack.Run overButLast(Tokens tokens, Tensor states) {
    Segments segments = tokens.segments();
    Rotation rotation = positions.rotation(segments).to(states.dtype(), states.device());
    return (i, x, pass) ->
        i < layers.size() - 1
            ? layers.get(i).forward(x, pass, rotation, segments, null)
            : layers.get(i).lasts(x, pass, rotation, segments);
  }

  /**
   * Reads on in evaluation.
   *
   * @param past what was kept of each sequence; it is brought up to date
   * @return the last hidden state of each sequence {@code [sequences, width]}
   */
  Tensor forward(Tokens next, List<KeyValues> past) {
    Continuation continuation = Continuation.of(next, past, config.rope());
    Tokens tokens = continuation.tokens();
    Segments segments = tokens.segments();
    Tensor x = embed(tokens, Pass.EVALUATION);
    Rotation rotation = positions.rotation(segments, continuation.read()).to(x.dtype(), x.device());
    for (LlamaLayer layer : layers) {
      Tensor below = x;
      x = Scope.call(() -> layer.forward(below, Pass.EVALUATION, rotation, segments, continuation));
    }
    continuation.advance();
    return normed(x.indexSelect(0, segments.lasts().to(x.device())));
  }

  /**
   * All hidden states, each {@code [tokens, width]}: the rows of the word table, what each layer
   * but the last gives, and what the last norm gives.
   */
  public List<Tensor> states(Tokens tokens, Pass pass) {
    List<Tensor> states = stack.states(tokens, pass);
    states.set(layers.size(), normed(states.get(layers.size())));
    return states;
  }

  @Override
  public Tensor embed(Tokens tokens, Pass pass) {
    var unused =
        TokenIds.requireBelow(tokens.ids(), config.vocabulary(), "token id", tokens.segments());
    return pass.embedded(words.forward(tokens.ids()), tokens.segments());
  }

  @Override
  public LayerStack.Run over(Tokens tokens, Tensor states) {
    Segments segments = tokens.segments();
    Rotation rotation = positions.rotation(segments).to(states.dtype(), states.device());
    return (i, x, pass) -> layers.get(i).forward(x, pass, rotation, segments, null);
  }

  @Override
  public List<Tensor> maps(int index, Tokens tokens, Tensor x) {
    Segments segments = tokens.segments();
    Rotation rotation = positions.rotation(segments).to(x.dtype(), x.device());
    return layers.get(index).maps(x, rotation, segments);
  }

  @Override
  public Module embeddings() {
    return words;
  }

  @Override
  public List<LlamaLayer> layers() {
    return Collections.unmodifiableList(layers);
  }

  /** What runs the layers. */
  public LayerStack stack() {
    return stack;
  }

  private Tensor normed(Tensor x) {
    return Scope.call(() -> norm.forward(x));
  }

  /** The element type of keys and values. */
  DType type() {
    return layers.get(0).type();
  }

  /** The word table. */
  public Embedding words() {
    return words;
  }

  /** The sizes. */
  public LlamaConfig config() {
    return config;
  }

  @Override
  public void parts(Parts parts) {
    parts.module(LlamaNames.WORDS, words);
    for (int i = 0; i < layers.size(); i++) {
      parts.module(LlamaNames.LAYERS + "." + i, layers.get(i));
    }
    parts.module(LlamaNames.LAST_NORM, norm);
  }
}
