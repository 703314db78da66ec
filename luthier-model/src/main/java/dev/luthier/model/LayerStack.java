package dev.luthier.model;

import dev.luthier.model.nn.Module;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Runs the embeddings of a network and the layers above them, one after the other. How they are run
 * can be chosen, for the sake of memory or time; what they compute cannot.
 */
public final class LayerStack {
  private final Body body;
  private boolean recomputes;
  private @Nullable Prefix prefix;

  /** What a network consists of below its head. */
  public interface Body {
    /** The part that turns tokens into the first hidden states. */
    Module embeddings();

    /** The layers, the lowest first. */
    List<? extends Module> layers();

    /**
     * The first hidden states.
     *
     * @return {@code [tokens, width]}
     */
    Tensor embed(Tokens tokens, Pass pass);

    /**
     * What the layers do with hidden states of these tokens.
     *
     * @param states the first ones {@code [tokens, width]}; of the same type and device are those
     *     that follow
     */
    Run over(Tokens tokens, Tensor states);

    /**
     * How much tokens look at each other in one layer, without dropout.
     *
     * @param x what the layer reads, {@code [tokens, width]}
     * @return for each sequence {@code [heads, length, length]}
     */
    List<Tensor> maps(int index, Tokens tokens, Tensor x);
  }

  /** The layers at work on a batch. */
  @FunctionalInterface
  public interface Run {
    /**
     * Runs one layer.
     *
     * @param x {@code [tokens, width]}
     * @param pass the draws of this layer
     * @return {@code [tokens, width]}
     */
    Tensor layer(int index, Tensor x, Pass pass);
  }

  /** Gives what the lowest layers give, and may know it without running them. */
  public interface Prefix {
    /** How many of the lowest layers it stands for, beside the embeddings. */
    int layers();

    /**
     * The hidden states above those layers.
     *
     * @param compute runs them, without dropout and unrecorded, on these or other tokens
     * @return {@code [tokens, width]}
     */
    Tensor states(Tokens tokens, Lowest compute);
  }

  /** From tokens to hidden states {@code [tokens, width]}. */
  @FunctionalInterface
  public interface Lowest {
    /** Computes them. */
    Tensor of(Tokens tokens);
  }

  /** A stack that keeps what the backward pass needs. */
  public LayerStack(Body body) {
    this.body = body;
  }

  /**
   * Chooses whether a layer keeps what its backward pass needs, or keeps its input alone and is run
   * again then (activation checkpointing, Chen et al. 2016, arXiv:1604.06174). The gradients are
   * the same to the bit.
   */
  public void recompute(boolean wanted) {
    recomputes = wanted;
  }

  /**
   * How many of the lowest layers hold nothing that is trained, none if the embeddings do. No
   * gradient passes through them.
   */
  public int frozen() {
    if (trained(body.embeddings()).length > 0) {
      return 0;
    }
    int n = 0;
    while (n < body.layers().size() && trained(body.layers().get(n)).length == 0) {
      n++;
    }
    return n;
  }

  /**
   * Has something stand for the lowest layers in training passes, or with null nothing. It is not
   * asked when one of its layers is no longer {@linkplain #frozen frozen}. When a pass changes the
   * embeddings, these layers run, without dropout, as it runs them.
   */
  public void replaceLowest(@Nullable Prefix wanted) {
    prefix = wanted;
  }

  /**
   * @return the last hidden states {@code [tokens, width]}
   */
  public Tensor forward(Tokens tokens, Pass pass) {
    return forward(tokens, pass, body::over);
  }

  /**
   * The same where the layers do something else.
   *
   * @param over what they do with hidden states of these tokens, as {@link Body#over} says it
   * @return what the last layer gives; if something stands for all layers, the last hidden states
   */
  public Tensor forward(Tokens tokens, Pass pass, BiFunction<Tokens, Tensor, Run> over) {
    Prefix lowest = prefix;
    int all = body.layers().size();
    if (lowest == null || !pass.training() || lowest.layers() > frozen()) {
      Tensor x = Scope.call(() -> body.embed(tokens, pass));
      return above(0, all, x, over.apply(tokens, x), pass);
    }
    Tensor x =
        pass.embedding() == null
            ? lowest.states(tokens, t -> evaluated(lowest.layers(), t))
            : upTo(lowest.layers(), tokens, pass.evaluating());
    return above(lowest.layers(), all, x, over.apply(tokens, x), pass);
  }

  /**
   * All hidden states, each {@code [tokens, width]}: what the embeddings give, then what each layer
   * gives.
   */
  public List<Tensor> states(Tokens tokens, Pass pass) {
    List<Tensor> out = new ArrayList<>();
    out.add(Scope.call(() -> body.embed(tokens, pass)));
    Run run = body.over(tokens, out.get(0));
    for (int i = 0; i < layers(); i++) {
      out.add(layer(i, out.get(i), run, pass.at(i)));
    }
    return out;
  }

  /** What {@link Model#attentions} gives. */
  public List<List<Tensor>> attentions(Tokens tokens) {
    Tensor x = Scope.call(() -> body.embed(tokens, Pass.EVALUATION));
    Run run = body.over(tokens, x);
    List<List<Tensor>> out = new ArrayList<>();
    for (int i = 0; i < layers(); i++) {
      out.add(body.maps(i, tokens, x));
      x = layer(i, x, run, Pass.EVALUATION);
    }
    return out;
  }

  private Tensor evaluated(int layers, Tokens tokens) {
    try (Autograd.Guard off = Autograd.noGrad()) {
      return Scope.call(() -> upTo(layers, tokens, Pass.EVALUATION));
    }
  }

  private Tensor upTo(int layers, Tokens tokens, Pass pass) {
    Tensor x = Scope.call(() -> body.embed(tokens, pass));
    return above(0, layers, x, body.over(tokens, x), pass);
  }

  private Tensor above(int from, int to, Tensor states, Run run, Pass pass) {
    Tensor x = states;
    for (int i = from; i < to; i++) {
      x = layer(i, x, run, pass.at(i));
    }
    return x;
  }

  private Tensor layer(int index, Tensor x, Run run, Pass pass) {
    UnaryOperator<Tensor> one = h -> run.layer(index, h, pass);
    return Scope.call(
        () ->
            recomputes
                ? Autograd.checkpoint(one, x, trained(body.layers().get(index)))
                : one.apply(x));
  }

  /** The number of layers. */
  public int layers() {
    return body.layers().size();
  }

  /**
   * How deep each parameter of the embeddings and layers lies: those of the embeddings at 0, of the
   * lowest layer at 1. What adaptations have added to a layer lies in it. A parameter that is used
   * at several depths lies at the lowest.
   */
  public Map<Parameter, Integer> depths() {
    Map<Parameter, Integer> out = new LinkedHashMap<>();
    Modules.parameters(body.embeddings()).values().forEach(p -> out.put(p, 0));
    for (int i = 0; i < layers(); i++) {
      for (Parameter p : Modules.parameters(body.layers().get(i)).values()) {
        out.putIfAbsent(p, i + 1);
      }
    }
    return out;
  }

  private static Tensor[] trained(Module layer) {
    return Modules.parameters(layer).values().stream()
        .filter(Parameter::trainable)
        .map(Parameter::value)
        .toArray(Tensor[]::new);
  }
}
