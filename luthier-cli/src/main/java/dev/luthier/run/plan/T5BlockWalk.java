package dev.luthier.run.plan;

import dev.luthier.model.nn.Activation;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.RmsNorm;
import dev.luthier.model.t5.T5Block;
import dev.luthier.model.t5.T5Config;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One layer of an encoder-decoder's encoder, or of its decoder, counted. Follows {@link T5Block}
 * line by line.
 *
 * @param self attention of a text to itself
 * @param cross attention to the source; null in the encoder
 * @param linears of the feed-forward block: the first, the one beside it if there is a gate, and
 *     the one that narrows
 * @param norms which of the norms are trained, in the order of the blocks that they stand before
 */
record T5BlockWalk(
    T5Config config,
    T5AttentionWalk self,
    @Nullable T5AttentionWalk cross,
    List<LinearSite> linears,
    List<Boolean> norms) {

  /**
   * Where gradients pass.
   *
   * @param input to what the layer reads
   * @param source to the states of the source; never in the encoder
   * @param distances to what distances add to scores
   */
  record Flow(boolean input, boolean source, boolean distances) {}

  /**
   * Looks at a layer.
   *
   * @param decodes whether it looks at a source
   * @param dropout of low-rank updates
   */
  static T5BlockWalk of(T5Block block, T5Config config, boolean decodes, double dropout) {
    List<LinearSite> all = LinearSite.all(block, dropout);
    int one = T5AttentionWalk.LINEARS;
    int attention = decodes ? 2 * one : one;
    if (all.size() != attention + (config.gated() ? 3 : 2)) {
      throw new IllegalStateException("a layer has " + all.size() + " linear layers");
    }
    return new T5BlockWalk(
        config,
        new T5AttentionWalk(config, all.subList(0, one), true),
        decodes ? new T5AttentionWalk(config, all.subList(one, attention), false) : null,
        all.subList(attention, all.size()),
        Modules.all(block, RmsNorm.class).values().stream().map(NetworkWalk::trains).toList());
  }

  /**
   * Runs the layer.
   *
   * @return whether a gradient passes to its output
   */
  boolean run(Tape tape, BatchShape batch, Flow flow, boolean training) {
    double rows = (double) (cross == null ? batch.sources() : batch.wanted());
    boolean h = flow.input();
    boolean n = reads(h, 0, training);
    normed(tape, rows, h, training, 0, self.needsOfReaders(n, n, training));
    List<BatchShape.Block> own = cross == null ? batch.sourceBlocks() : batch.targetBlocks();
    boolean a = self.run(tape, own, new T5AttentionWalk.Flow(n, n, flow.distances()), training);
    h = added(tape, rows, h, a, training, 1);
    if (cross != null) {
      h = crossed(tape, batch, rows, h, flow.source(), training);
    }
    boolean y = feedForward(tape, rows, h, training);
    LayerBlocks.dropped(tape, rows * config.width(), config.dropout(), y, training);
    tape.make(rows * config.width(), true);
    double source = cross == null ? 0 : (double) batch.sources() * config.width();
    tape.gradients(
        narrow().gradients(2 * (rows * config.width() + source), rows * config.inner(), 3));
    return h || y;
  }

  private boolean crossed(
      Tape tape, BatchShape batch, double rows, boolean h, boolean source, boolean training) {
    T5AttentionWalk attention = Objects.requireNonNull(cross);
    boolean n = reads(h, 1, training);
    boolean[] needed = attention.needsOfReaders(n, source, training);
    normed(tape, rows, h, training, 1, needed[0]);
    // The rounded states of the source.
    double states = (double) batch.sources() * config.width();
    attention.products().shared(tape, states, needed[1], needed[2]);
    boolean b =
        attention.run(
            tape, batch.crossBlocks(), new T5AttentionWalk.Flow(n, source, false), training);
    return added(tape, rows, h, b, training, 2);
  }

  /** Whether a gradient passes to the output of a norm. */
  private boolean reads(boolean input, int norm, boolean training) {
    return input || (training && norms.get(norm));
  }

  /** A norm, and its output as what is above it reads that. */
  private void normed(
      Tape tape, double rows, boolean input, boolean training, int norm, boolean... needed) {
    double values = rows * config.width();
    DecoderLayerWalk.normed(tape, values, rows, input, training && norms.get(norm));
    boolean any = false;
    for (boolean each : needed) {
      any |= each;
    }
    tape.make(values, any && !products().copies());
    products().shared(tape, values, needed);
  }

  /** residual + dropout(block), which a norm reads. */
  private boolean added(
      Tape tape, double rows, boolean residual, boolean block, boolean training, int norm) {
    double values = rows * config.width();
    LayerBlocks.dropped(tape, values, config.dropout(), block, training);
    boolean h = residual || block;
    tape.make(values, reads(h, norm, training));
    return h;
  }

  private boolean feedForward(Tape tape, double rows, boolean h, boolean training) {
    int last = norms.size() - 1;
    boolean n = reads(h, last, training);
    boolean[] needed = new boolean[linears.size() - 1];
    for (int i = 0; i < needed.length; i++) {
      needed[i] = training && linears.get(i).needsInput(n, training);
    }
    normed(tape, rows, h, training, last, needed);
    double inner = rows * config.inner();
    double share = products().share();
    boolean w = training && linears.get(0).passes(n);
    boolean result =
        config.activation() == Activation.RELU || config.activation() == Activation.TANH;
    linears.get(0).run(tape, rows, n, training, w && !result);
    boolean kept = w && result;
    if (config.gated()) {
      boolean u = training && linears.get(1).passes(n);
      tape.make(share * inner, u || kept);
      linears.get(1).run(tape, rows, n, training, w);
      w |= u;
      kept = false;
    }
    if (training && config.dropout() > 0) {
      tape.make(share * inner, kept);
      LayerBlocks.dropped(tape, inner, config.dropout(), w, true);
      tape.passing(share < 1 ? inner : 0);
      kept = false;
    }
    boolean read = training && narrow().needsInput(w, training);
    products().inputOfProducts(tape, inner, kept || read);
    narrow().run(tape, rows, w, training, false);
    return training && narrow().passes(w);
  }

  private LinearSite narrow() {
    return linears.get(linears.size() - 1);
  }

  /** Whether it holds anything that is trained, the table of distances aside. */
  boolean isTrained() {
    return norms.contains(true) || sites().anyMatch(l -> l.passes(false));
  }

  private Stream<LinearSite> sites() {
    return Stream.of(
            self.linears(), cross == null ? List.<LinearSite>of() : cross.linears(), linears)
        .flatMap(List::stream);
  }

  /** How its products are computed. */
  Products products() {
    return self.products();
  }
}
