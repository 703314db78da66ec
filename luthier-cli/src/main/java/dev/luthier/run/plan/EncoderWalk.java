package dev.luthier.run.plan;

import dev.luthier.model.Head;
import dev.luthier.model.encoder.EncoderLayer;
import dev.luthier.model.encoder.EncoderModel;
import dev.luthier.model.encoder.EncoderSpec;
import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Modules;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The parts of an encoder, counted. */
final class EncoderWalk implements NetworkWalk.Parts {
  /** Values' worth of random bits, and of comparisons with them, for each value dropped out. */
  static final double DRAWS = 0.75;

  private final EncoderSpec spec;
  private final boolean embeddingsTrained;
  private final List<LayerWalk> layers = new ArrayList<>();
  private final List<LinearSite> head = new ArrayList<>();
  private final Rows rows;
  private final double wanted;

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
   */
  EncoderWalk(EncoderModel model, Head kind, double dropout, double wanted) {
    this.spec = model.encoder().spec();
    this.wanted = wanted;
    this.embeddingsTrained = NetworkWalk.trains(model.encoder().embeddings());
    Map<String, EncoderLayer> found = Modules.all(model, EncoderLayer.class);
    found.values().forEach(l -> layers.add(LayerWalk.of(l, spec, dropout)));
    NetworkWalk.outside(model, found, Linear.class)
        .forEach(l -> head.add(LinearSite.of(l, dropout)));
    this.rows =
        kind instanceof Head.None
            ? Rows.NONE
            : kind instanceof Head.SequenceClassification ? Rows.SEQUENCES : Rows.TOKENS;
  }

  @Override
  public int width() {
    return spec.width();
  }

  @Override
  public int inner() {
    return spec.inner();
  }

  @Override
  public Products products() {
    return layers.get(0).blocks().products();
  }

  @Override
  public int layers() {
    return layers.size();
  }

  @Override
  public boolean embeddings(Tape tape, BatchShape batch, boolean training) {
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
    return gradient;
  }

  @Override
  public boolean layer(int index, Tape tape, BatchShape batch, boolean input, boolean training) {
    // Frozen states are computed whole, for whatever is above them.
    boolean keepsStates =
        training && !embeddingsTrained && layers.stream().noneMatch(LayerWalk::isTrained);
    boolean firsts = rows == Rows.SEQUENCES && index == layers.size() - 1 && !keepsStates;
    return layers.get(index).run(tape, batch, input, training, firsts);
  }

  @Override
  public void whole(int index, Tape tape, BatchShape batch) {
    var unused = layers.get(index).run(tape, batch, false, false, false);
  }

  @Override
  public void head(Tape tape, BatchShape batch, boolean input, boolean training) {
    if (rows == Rows.NONE) {
      return;
    }
    double n = rows == Rows.SEQUENCES ? batch.sequences() : batch.tokens() * wanted;
    head(tape, head, n, input, training);
  }

  /**
   * The linear layers of a head, and the loss of their logits.
   *
   * @param n rows that it reads
   */
  static void head(Tape tape, List<LinearSite> head, double n, boolean input, boolean training) {
    boolean below = input;
    for (LinearSite layer : head) {
      boolean here = training && layer.passes(below);
      // The input after selection, the output before the activation; activation and norm of it.
      layer.products().input(tape, n * layer.in(), here);
      layer.run(tape, n, below, training, here);
      tape.make(n * layer.out(), here);
      below = here;
    }
    double logits = head.isEmpty() ? 0 : n * head.get(head.size() - 1).out();
    // The logarithms of the probabilities, and their gradient and that of the logits.
    tape.make(logits, training);
    tape.passing(training ? 2 * logits : 0);
  }
}
