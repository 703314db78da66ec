package dev.luthier.model.llama;

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
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The word table, the layers above it, and the last norm. */
public final class LlamaDecoder implements Module {
  private final LlamaConfig config;
  private final RotaryEmbedding positions;
  private final Embedding words;
  private final List<LlamaLayer> layers = new ArrayList<>();
  private final RmsNorm norm;

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
    Tensor x = embedded(tokens);
    Rotation rotation = positions.rotation(tokens.segments()).to(x.dtype(), x.device());
    return normed(layered(x, pass, rotation, tokens.segments(), null));
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
    Tensor x = embedded(tokens);
    Rotation rotation = positions.rotation(segments, continuation.read()).to(x.dtype(), x.device());
    Tensor all = layered(x, Pass.EVALUATION, rotation, segments, continuation);
    continuation.advance();
    return normed(all.indexSelect(0, segments.lasts().to(all.device())));
  }

  /**
   * All hidden states, each {@code [tokens, width]}: the rows of the word table, what each layer
   * but the last gives, and what the last norm gives.
   */
  public List<Tensor> states(Tokens tokens, Pass pass) {
    List<Tensor> states = new ArrayList<>();
    Tensor x = embedded(tokens);
    Rotation rotation = positions.rotation(tokens.segments()).to(x.dtype(), x.device());
    states.add(x);
    for (int i = 0; i < layers.size(); i++) {
      states.add(layer(i, states.get(i), pass, rotation, tokens.segments(), null));
    }
    states.set(layers.size(), normed(states.get(layers.size())));
    return states;
  }

  private Tensor embedded(Tokens tokens) {
    var unused =
        TokenIds.requireBelow(tokens.ids(), config.vocabulary(), "token id", tokens.segments());
    return words.forward(tokens.ids());
  }

  private Tensor layered(
      Tensor x, Pass pass, Rotation rotation, Segments segments, @Nullable Continuation past) {
    Tensor out = x;
    for (int i = 0; i < layers.size(); i++) {
      out = layer(i, out, pass, rotation, segments, past);
    }
    return out;
  }

  private Tensor layer(
      int i,
      Tensor x,
      Pass pass,
      Rotation rotation,
      Segments segments,
      @Nullable Continuation past) {
    return Scope.call(() -> layers.get(i).forward(x, pass.at(i), rotation, segments, past));
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
