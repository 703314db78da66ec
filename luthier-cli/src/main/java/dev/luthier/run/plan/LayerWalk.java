package dev.luthier.run.plan;

import dev.luthier.model.encoder.EncoderLayer;
import dev.luthier.model.encoder.EncoderSpec;
import dev.luthier.model.nn.LayerNorm;
import dev.luthier.model.nn.Modules;
import java.util.List;

/**
 * One layer of an encoder whose norms stand behind its blocks, counted. Follows {@link
 * EncoderLayer} line by line.
 *
 * @param dropout on what each block adds
 * @param norms whether the norm after attention, and the one after the feed-forward block, are
 *     trained
 */
record LayerWalk(LayerBlocks blocks, double dropout, List<Boolean> norms) {
  /**
   * Looks at a layer.
   *
   * @param dropout of low-rank updates
   */
  static LayerWalk of(EncoderLayer layer, EncoderSpec spec, double dropout) {
    LayerBlocks blocks =
        new LayerBlocks(
            spec.width(),
            spec.inner(),
            spec.heads(),
            spec.activation(),
            spec.attentionDropout(),
            LinearSite.all(layer, dropout),
            layer.stability());
    List<Boolean> norms =
        Modules.all(layer, LayerNorm.class).values().stream().map(NetworkWalk::trains).toList();
    return new LayerWalk(blocks, spec.dropout(), norms);
  }

  /**
   * Runs the layer.
   *
   * @param x whether a gradient passes to its input
   * @param firsts whether it answers for the sequences' first tokens alone
   * @return whether one passes to its output
   */
  boolean run(Tape tape, BatchShape batch, boolean x, boolean training, boolean firsts) {
    double n = firsts ? batch.sequences() : batch.tokens();
    double width = n * blocks.width();
    double all = (double) batch.tokens() * blocks.width();
    blocks.products().shared(tape, all, blocks.needsOfReaders(x, training));
    boolean mixed = blocks.attention(tape, batch, x, training, firsts);
    boolean a = joined(tape, n, x, mixed, training, 0);
    boolean narrow = blocks.feedForward(tape, n, a, training);
    boolean last = joined(tape, n, a, narrow, training, 1);
    tape.make(width, true);
    tape.gradients(blocks.gradients((double) batch.tokens()));
    return last;
  }

  /** Whether it holds anything that is trained. */
  boolean isTrained() {
    return norms.contains(true) || blocks.isTrained();
  }

  /** residual + dropout(block), which the norm reads. */
  private boolean joined(
      Tape tape, double rows, boolean residual, boolean block, boolean training, int norm) {
    LayerBlocks.dropped(tape, rows * blocks.width(), dropout, block, training);
    boolean gradient = residual || block || (training && norms.get(norm));
    tape.make(rows * (blocks.width() + 2), gradient);
    return gradient;
  }
}
