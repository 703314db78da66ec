package dev.luthier.run.plan;

import dev.luthier.model.Head;
import dev.luthier.model.encoder.EncoderLayer;
import dev.luthier.model.encoder.EncoderModel;
import dev.luthier.model.encoder.EncoderSpec;
import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Module;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Walks through an encoder as its forward pass does, counting instead of computing.
 *
 * <p>The scope of each layer frees its intermediates when the layer is done, except those that the
 * backward pass needs. The outputs of the layers live until the step is done, needed or not. What a
 * frozen layer would need for the gradient of its weights is not kept.
 */
final class EncoderWalk {
  /** Values' worth of random bits, and of comparisons with them, for each value dropped out. */
  static final double DRAWS = 0.75;

  private final EncoderSpec spec;
  private final boolean embeddingsTrained;
  private final List<LayerWalk> layers = new ArrayList<>();
  private final List<LinearSite> head = new ArrayList<>();
  private final Rows rows;
  private final double wanted;
  private final boolean recomputes;

  /** How many rows of hidden states a head reads. */
  private enum Rows {
    NONE,
    SEQUENCES,
    TOKENS
  }

  /**
   * Looks at a model whose adaptation is applied.
   *
   * @param dropout of low-rank updates
   * @param wanted share of the tokens whose logits are asked for, where a head reads tokens
   * @param recomputes whether layers keep their inputs alone and are run again
   */
  static EncoderWalk of(
      EncoderModel model, Head head, double dropout, double wanted, boolean recomputes) {
    return new EncoderWalk(model, head, dropout, wanted, recomputes);
  }

  private EncoderWalk(
      EncoderModel model, Head kind, double dropout, double wanted, boolean recomputes) {
    this.recomputes = recomputes;
    this.spec = model.encoder().spec();
    this.wanted = wanted;
    this.embeddingsTrained = trains(model.encoder().embeddings());
    Map<String, EncoderLayer> found = Modules.all(model, EncoderLayer.class);
    found.values().forEach(l -> layers.add(LayerWalk.of(l, spec, dropout)));
    Modules.all(model, Linear.class)
        .forEach(
            (path, l) -> {
              if (found.keySet().stream().noneMatch(p -> path.startsWith(p + "."))) {
                head.add(LinearSite.of(l, dropout));
              }
            });
    this.rows =
        kind instanceof Head.None
            ? Rows.NONE
            : kind instanceof Head.SequenceClassification ? Rows.SEQUENCES : Rows.TOKENS;
  }

  static boolean trains(Module part) {
    return Modules.parameters(part).values().stream().anyMatch(Parameter::trainable);
  }

  /**
   * What a pass costs.
   *
   * @param kept bytes that are held when the forward pass is done
   * @param peak bytes at the fullest moment, the kept ones among them
   * @param operations floating-point operations of the forward pass and, in training, the backward
   */
  record Cost(long kept, long peak, double operations) {}

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
    layers.subList(0, count).forEach(l -> l.run(tape, batch, false, false, false));
    return tape.forward();
  }

  /** Width of the hidden states. */
  int width() {
    return spec.width();
  }

  /** Width inside the feed-forward block. */
  int inner() {
    return spec.inner();
  }

  private Cost walk(BatchShape batch, boolean training) {
    Tape tape = new Tape();
    embeddings(tape, batch, training);
    double kept = tape.kept();
    double peak = tape.made();
    double operations = 0;
    boolean gradient = training && embeddingsTrained;
    // Frozen states are computed whole, for whatever is above them.
    boolean keepsStates =
        training && !embeddingsTrained && layers.stream().noneMatch(LayerWalk::isTrained);
    int last = layers.size() - 1;
    for (int i = 0; i < layers.size(); i++) {
      Tape own = new Tape();
      boolean firsts = rows == Rows.SEQUENCES && i == last && !keepsStates;
      gradient = layers.get(i).run(own, batch, gradient, training, firsts);
      // The backward pass of a layer begins with the widest gradients, while all else is kept.
      double grads = training ? batch.tokens() * (2.0 * spec.inner() + 2.0 * spec.width()) : 0;
      peak = Math.max(peak, kept + Math.max(own.made(), gradient ? own.kept() + grads : 0));
      boolean again = recomputes && gradient;
      kept += again ? (double) batch.tokens() * spec.width() : own.kept();
      operations += own.forward() * (again ? 2 : 1) + (training ? own.backward() : 0);
    }
    Tape top = new Tape();
    head(top, batch, gradient, training);
    peak = Math.max(peak, kept + top.made());
    kept += top.kept();
    operations += top.forward() + (training ? top.backward() : 0);
    return new Cost((long) (4 * kept), (long) (4 * peak), operations);
  }

  private void embeddings(Tape tape, BatchShape batch, boolean training) {
    double values = (double) batch.tokens() * spec.width();
    boolean gradient = training && embeddingsTrained;
    boolean drops = training && spec.dropout() > 0;
    // Words, words + types, positions; then their sum, which the norm reads.
    tape.passing(3 * values);
    tape.make(values, gradient);
    if (drops) {
      tape.passing(values * (1 + DRAWS));
      tape.make(values, gradient);
    }
    tape.make(values, true);
  }

  private void head(Tape tape, BatchShape batch, boolean gradient, boolean training) {
    if (rows == Rows.NONE) {
      return;
    }
    double n = rows == Rows.SEQUENCES ? batch.sequences() : batch.tokens() * wanted;
    boolean input = gradient;
    for (LinearSite layer : head) {
      layer.run(tape, n, input, training);
      // The input after selection, the output before the activation; activation and norm of it.
      input = training && layer.passes(input);
      tape.make(n * layer.in(), input);
      tape.make(2 * n * layer.out(), input);
    }
    double logits = head.isEmpty() ? 0 : n * head.get(head.size() - 1).out();
    // The logarithms of the probabilities, and their gradient and that of the logits.
    tape.make(logits, training);
    tape.passing(training ? 2 * logits : 0);
  }
}
