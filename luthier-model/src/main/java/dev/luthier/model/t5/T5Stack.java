package dev.luthier.model.t5;

import dev.luthier.model.nn.Embedding;
import dev.luthier.model.nn.Module;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.RmsNorm;
import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The layers of the encoder, or of the decoder, and the norm above them. */
final class T5Stack implements Module {
  private final double dropout;
  private final Embedding words;
  private final Distances distances;
  private final List<T5Block> blocks = new ArrayList<>();
  private final RmsNorm norm;
  private boolean recomputes;

  /**
   * What a decoder looks at.
   *
   * @param states of the source's tokens {@code [source tokens, width]}
   * @param segments where the source of each example lies
   */
  record Source(Tensor states, Segments segments) {}

  /**
   * Declares a stack.
   *
   * @param words the table of the words, which both stacks name as theirs
   * @param decodes whether it looks at a source, and at no later token
   */
  T5Stack(T5Config c, Embedding words, boolean decodes) {
    this.dropout = c.dropout();
    this.words = words;
    this.distances = new Distances(c, decodes);
    for (int i = 0; i < (decodes ? c.decoderLayers() : c.layers()); i++) {
      blocks.add(new T5Block(c, i == 0 ? distances : null, decodes));
    }
    this.norm = new RmsNorm(c.width(), c.epsilon());
  }

  /**
   * @param x rows of the word table {@code [tokens, width]}
   * @param pass the draws of this stack
   * @param source what a decoder looks at; null in an encoder
   * @return the last hidden states {@code [tokens, width]}
   */
  Tensor forward(Tensor x, Pass pass, Segments segments, @Nullable Source source) {
    int longest = IntStream.range(0, segments.count()).map(segments::length).max().orElse(1);
    Tensor bias = Scope.call(() -> distances.bias(0, longest, longest));
    Tensor h = pass.dropout(x, dropout, "words", segments);
    for (int i = 0; i < blocks.size(); i++) {
      Tensor below = h;
      Pass here = pass.at(i);
      T5Block block = blocks.get(i);
      Whole whole = Whole.of(bias, segments, source);
      h = Scope.call(() -> layer(block, below, whole, here));
    }
    return pass.dropout(normed(h), dropout, "end", segments);
  }

  private Tensor layer(T5Block block, Tensor x, Whole whole, Pass pass) {
    UnaryOperator<Tensor> one = h -> block.forward(h, whole, pass, whole.segments());
    return recomputes ? Autograd.checkpoint(one, x, captured(block, whole)) : one.apply(x);
  }

  /**
   * What a layer reads that may need a gradient, beside its input. The table of distances is read
   * before, for all layers.
   */
  private Tensor[] captured(T5Block block, Whole whole) {
    List<Tensor> out = new ArrayList<>();
    Collection<Parameter> before = Modules.parameters(distances).values();
    Modules.parameters(block).values().stream()
        .filter(p -> p.trainable() && !before.contains(p))
        .map(Parameter::value)
        .forEach(out::add);
    out.add(whole.bias());
    if (whole.source() != null) {
      out.add(whole.source().states());
    }
    out.removeIf(t -> !t.requiresGrad());
    return out.toArray(Tensor[]::new);
  }

  /** Chooses whether layers keep what their backward pass needs, or are run again then. */
  void recompute(boolean wanted) {
    recomputes = wanted;
  }

  /** Whole texts. */
  private record Whole(Tensor bias, Segments segments, @Nullable Source source)
      implements T5Block.Looking {
    /**
     * Of one layer. It has views of its own of what all layers read, so that its gradients are
     * summed up before they go to those of the others, whether it is run again or not.
     */
    static Whole of(Tensor bias, Segments segments, @Nullable Source source) {
      return new Whole(
          alias(bias),
          segments,
          source == null ? null : new Source(alias(source.states()), source.segments()));
    }

    private static Tensor alias(Tensor x) {
      return x.transpose(0, 1).transpose(0, 1);
    }

    @Override
    public Tensor self(T5Attention attention, Tensor x, Pass pass) {
      return attention.forward(x, x, bias, pass, segments, segments);
    }

    @Override
    public Tensor cross(T5Attention attention, Tensor x, Pass pass) {
      if (source == null) {
        throw new IllegalStateException("a decoder needs a source to look at");
      }
      return attention.forward(x, source.states(), null, pass, segments, source.segments());
    }
  }

  /** What the last norm makes of the last layer's states {@code [n, width]}. */
  Tensor normed(Tensor x) {
    return Scope.call(() -> norm.forward(x));
  }

  /** What distances add to scores. */
  Distances distances() {
    return distances;
  }

  /** The layers, the lowest first. */
  List<T5Block> blocks() {
    return blocks;
  }

  @Override
  public void parts(Parts parts) {
    parts.module(T5Names.OWN_WORDS, words);
    for (int i = 0; i < blocks.size(); i++) {
      parts.module(T5Names.BLOCKS + "." + i, blocks.get(i));
    }
    parts.module(T5Names.LAST_NORM, norm);
  }
}
