package dev.luthier.run.plan;

import dev.luthier.model.nn.Module;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Walks through a network as its forward pass does, counting instead of computing.
 *
 * <p>The scope of each layer frees its intermediates when the layer is done, except those that the
 * backward pass needs. The outputs of the layers live until the step is done, needed or not. What a
 * frozen layer would need for the gradient of its weights is not kept.
 *
 * @param parts of the network
 * @param recomputes whether layers keep their inputs alone and are run again
 */
record NetworkWalk(Parts parts, boolean recomputes) {
  /** A network from the bottom to the top. */
  interface Parts {
    /** Width of the hidden states. */
    int width();

    /** Width inside the feed-forward block. */
    int inner();

    /** How products of the layers are computed. */
    Products products();

    /** How many layers there are. */
    int layers();

    /** Whether a layer is run again where layers are, and does not keep what it made instead. */
    default boolean isRunAgain(int index) {
      return true;
    }

    /** Values of the hidden states that a layer reads, and gives. */
    default double states(int index, BatchShape batch) {
      return (double) batch.tokens() * width();
    }

    /** What products read beside the weights of linear layers and of their updates. */
    default List<Parameter> multiplied() {
      return List.of();
    }

    /**
     * Runs the embeddings.
     *
     * @return whether a gradient passes to their output
     */
    boolean embeddings(Tape tape, BatchShape batch, boolean training);

    /**
     * Runs a layer.
     *
     * @param input whether a gradient passes to its input
     * @return whether one passes to its output
     */
    boolean layer(int index, Tape tape, BatchShape batch, boolean input, boolean training);

    /** Runs a layer that gives all of its hidden states, and is not differentiated. */
    void whole(int index, Tape tape, BatchShape batch);

    /**
     * Runs the head and the loss.
     *
     * @param input whether a gradient passes to the last hidden states
     */
    void head(Tape tape, BatchShape batch, boolean input, boolean training);
  }

  /** Whether a part of a network holds anything that is trained. */
  static boolean trains(Module part) {
    return Modules.parameters(part).values().stream().anyMatch(Parameter::trainable);
  }

  /**
   * The parts of one kind that do not belong to a layer.
   *
   * @param layers by their full names
   */
  static <M extends Module> List<M> outside(
      Module network, Map<String, ? extends Module> layers, Class<M> kind) {
    List<M> out = new ArrayList<>();
    Modules.all(network, kind)
        .forEach(
            (path, m) -> {
              if (layers.keySet().stream().noneMatch(p -> path.startsWith(p + "."))) {
                out.add(m);
              }
            });
    return out;
  }

  /**
   * What a pass costs.
   *
   * @param kept bytes that are held when the forward pass is done
   * @param peak bytes at the fullest moment, the kept ones among them
   * @param passing bytes of the layer with the most that lives in its forward pass alone, between
   *     what its backward pass needs
   * @param operations floating-point operations of the forward pass and, in training, the backward
   */
  record Cost(long kept, long peak, long passing, double operations) {}

  /** A step of training. */
  Cost training(BatchShape batch) {
    return walk(batch, true);
  }

  /** A pass without gradients and without dropout. */
  Cost evaluation(BatchShape batch) {
    return walk(batch, false);
  }

  /** Operations of the lowest layers in a pass without gradients. */
  double lowest(BatchShape batch, int count) {
    Tape tape = new Tape();
    for (int i = 0; i < count; i++) {
      parts.whole(i, tape, batch);
    }
    return tape.forward();
  }

  private Cost walk(BatchShape batch, boolean training) {
    Tape bottom = new Tape();
    boolean gradient = parts.embeddings(bottom, batch, training);
    double kept = bottom.kept();
    double peak = bottom.made();
    double passing = 0;
    double operations = bottom.forward() + (training ? bottom.backward() : 0);
    for (int i = 0; i < parts.layers(); i++) {
      Tape own = new Tape();
      gradient = parts.layer(i, own, batch, gradient, training);
      boolean again = recomputes && gradient && parts.isRunAgain(i);
      double keeps = again ? parts.states(i, batch) : own.kept();
      peak = Math.max(peak, kept + Math.max(own.made(), gradient ? own.differentiated() : 0));
      passing = Math.max(passing, gradient ? own.made() - keeps : 0);
      kept += keeps;
      operations += own.forward() * (again ? 2 : 1) + (training ? own.backward() : 0);
    }
    Tape top = new Tape();
    parts.head(top, batch, gradient, training);
    peak = Math.max(peak, kept + Math.max(top.made(), top.differentiated()));
    // The embeddings' gradients come last, when only the head's are still there.
    peak = Math.max(peak, bottom.differentiated() + top.kept());
    kept += top.kept();
    operations += top.forward() + (training ? top.backward() : 0);
    return new Cost(bytes(kept), bytes(peak), bytes(passing), operations);
  }

  private static long bytes(double values) {
    return (long) (Float.BYTES * values);
  }
}
