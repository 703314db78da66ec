package dev.luthier.model.t5;

import dev.luthier.model.nn.Module;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.RmsNorm;
import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One layer of the encoder, or of the decoder, s being the source's states:
 *
 * <pre>
 *   h = x + SelfAttention(RMSNorm(x))
 *   m = h + CrossAttention(RMSNorm(h), s)      in the decoder
 *   y = m + FeedForward(RMSNorm(m))
 * </pre>
 */
public final class T5Block implements Module {
  private final double dropout;
  private final T5Attention self;
  private final RmsNorm selfNorm;
  private final @Nullable T5Attention cross;
  private final RmsNorm crossNorm;
  private final T5FeedForward feedForward;
  private final RmsNorm feedForwardNorm;

  /** How tokens look at others: at all at once, or at what was kept of those before. */
  interface Looking {
    /**
     * Attention of a text to itself.
     *
     * @param x {@code [tokens, width]}, normalised
     * @return {@code [tokens, width]}
     */
    Tensor self(T5Attention attention, Tensor x, Pass pass);

    /**
     * Attention of a target to its source.
     *
     * @param x {@code [tokens, width]}, normalised
     * @return {@code [tokens, width]}
     */
    Tensor cross(T5Attention attention, Tensor x, Pass pass);
  }

  /**
   * Declares a layer.
   *
   * @param distances what distances add to scores, in the first layer of a stack; else null
   * @param decodes whether it looks at a source
   */
  T5Block(T5Config c, @Nullable Distances distances, boolean decodes) {
    this.dropout = c.dropout();
    this.self = new T5Attention(c, distances);
    this.selfNorm = new RmsNorm(c.width(), c.epsilon());
    this.cross = decodes ? new T5Attention(c, null) : null;
    this.crossNorm = new RmsNorm(c.width(), c.epsilon());
    this.feedForward = new T5FeedForward(c);
    this.feedForwardNorm = new RmsNorm(c.width(), c.epsilon());
  }

  /**
   * @param x {@code [tokens, width]}
   * @param pass the draws of this layer
   * @return {@code [tokens, width]}
   */
  Tensor forward(Tensor x, Looking looking, Pass pass, Segments segments) {
    Tensor a = looking.self(self, selfNorm.forward(x), pass.at("self"));
    Tensor h = pass.addDropped(x, a, dropout, "after self-attention", segments);
    if (cross != null) {
      Tensor b = looking.cross(cross, crossNorm.forward(h), pass.at("cross"));
      h = pass.addDropped(h, b, dropout, "after cross-attention", segments);
    }
    Tensor y = feedForward.forward(feedForwardNorm.forward(h), pass, segments);
    return pass.addDropped(h, y, dropout, "after feed-forward", segments);
  }

  /** Attention of the text to itself. */
  T5Attention self() {
    return self;
  }

  /** Attention to the source, or null in an encoder. */
  @Nullable T5Attention cross() {
    return cross;
  }

  @Override
  public void parts(Parts parts) {
    parts.module(T5Names.inLayer(0, T5Names.SELF_ATTENTION), self);
    parts.module(T5Names.inLayer(0, T5Names.NORM), selfNorm);
    int last = cross == null ? 1 : 2;
    if (cross != null) {
      parts.module(T5Names.inLayer(1, T5Names.CROSS_ATTENTION), cross);
      parts.module(T5Names.inLayer(1, T5Names.NORM), crossNorm);
    }
    parts.module(T5Names.inLayer(last, T5Names.FEED_FORWARD), feedForward);
    parts.module(T5Names.inLayer(last, T5Names.NORM), feedForwardNorm);
  }
}
