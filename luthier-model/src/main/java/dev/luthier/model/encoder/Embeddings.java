package dev.luthier.model.encoder;

import dev.luthier.model.ModelException;
import dev.luthier.model.TokenIds;
import dev.luthier.model.Tokens;
import dev.luthier.model.nn.Embedding;
import dev.luthier.model.nn.LayerNorm;
import dev.luthier.model.nn.Module;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.Tensor;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * LayerNorm(word + position + segment), with dropout (Devlin et al. 2018, figure 2). Ids are
 * checked before they reach native code.
 */
public final class Embeddings implements Module {
  private final EncoderSpec spec;
  private final Embedding words;
  private final Embedding positions;
  private final @Nullable Embedding types;
  private final LayerNorm norm;

  /** Declares the tables. */
  public Embeddings(EncoderSpec spec) {
    this(spec, new Embedding(spec.positions(), spec.width(), spec.deviation()));
  }

  /** Declares the tables, with a given one for the positions. */
  public Embeddings(EncoderSpec spec, Embedding positions) {
    this.spec = spec;
    this.words = new Embedding(spec.vocabulary(), spec.width(), spec.deviation());
    this.positions = positions;
    this.types =
        spec.types() == 0 ? null : new Embedding(spec.types(), spec.width(), spec.deviation());
    this.norm = new LayerNorm(spec.width(), spec.epsilon());
  }

  /**
   * @return {@code [tokens, width]}
   * @throws ModelException if an id is outside its table, or a sequence too long
   */
  public Tensor forward(Tokens tokens, Pass pass) {
    Segments segments = tokens.segments();
    requireFits(segments);
    long[] ids = TokenIds.requireBelow(tokens.ids(), spec.vocabulary(), "token id", segments);
    Tensor sum = pass.embedded(words.forward(tokens.ids()), segments);
    if (types != null) {
      sum = sum.add(typesOf(tokens, types));
    }
    Tensor at = positionsOf(ids, segments).to(tokens.ids().device());
    Tensor x = norm.forward(sum.add(positions.forward(at)));
    return pass.dropout(x, spec.dropout(), "embeddings", segments);
  }

  /** The word table. */
  public Embedding words() {
    return words;
  }

  private Tensor typesOf(Tokens tokens, Embedding table) {
    Tensor given = tokens.types();
    if (given == null) {
      return table.weight().value().narrow(0, 0, 1);
    }
    var unused = TokenIds.requireBelow(given, spec.types(), "segment id", tokens.segments());
    return table.forward(given);
  }

  private void requireFits(Segments segments) {
    for (int i = 0; i < segments.count(); i++) {
      if (segments.length(i) > spec.maxTokens()) {
        throw new ModelException(
            "a sequence of "
                + segments.length(i)
                + " tokens (row "
                + segments.row(i)
                + ") is longer than the "
                + spec.maxTokens()
                + " positions of this model; set a maximum length to cut it");
      }
    }
  }

  /**
   * Where positions start after the padding id, that id in a text is not counted and gets the row
   * of its own number, as in the reference.
   */
  private Tensor positionsOf(long[] ids, Segments segments) {
    int padding = spec.firstPosition() - 1;
    if (padding < 0 || LongStream.of(ids).noneMatch(id -> id == padding)) {
      return segments.positions(spec.firstPosition());
    }
    long[] at = new long[ids.length];
    int token = 0;
    for (int i = 0; i < segments.count(); i++) {
      int next = spec.firstPosition();
      for (int j = 0; j < segments.length(i); j++, token++) {
        at[token] = ids[token] == padding ? padding : next++;
      }
    }
    return Tensor.of(at, at.length);
  }

  @Override
  public void parts(Parts parts) {
    parts.module("word_embeddings", words);
    parts.module("position_embeddings", positions);
    if (types != null) {
      parts.module("token_type_embeddings", types);
    }
    parts.module("LayerNorm", norm);
  }
}
