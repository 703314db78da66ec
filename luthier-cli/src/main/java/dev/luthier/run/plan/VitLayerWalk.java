package dev.luthier.run.plan;

import dev.luthier.model.nn.LayerNorm;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Stability;
import dev.luthier.model.vit.VitConfig;
import dev.luthier.model.vit.VitLayer;
import java.util.List;

/**
 * One layer of a Vision Transformer, counted. Follows {@link VitLayer} line by line.
 *
 * @param dropout on what each block adds
 * @param norms whether the norm before attention, and the one before the feed-forward block, are
 *     trained
 */
record VitLayerWalk(LayerBlocks blocks, double dropout, List<Boolean> norms) {
  /** What a norm keeps of each row for its backward pass: mean and deviation. */
  private static final int MOMENTS = 2;

  /**
   * Looks at a layer.
   *
   * @param dropout of low-rank updates
   */
  static VitLayerWalk of(VitLayer layer, VitConfig config, double dropout) {
    LayerBlocks blocks =
        new LayerBlocks(
            config.width(),
            config.inner(),
            config.heads(),
            config.activation(),
            config.attentionDropout(),
            LinearSite.all(layer, dropout),
            Stability.NONE);
    List<Boolean> norms =
        Modules.all(layer, LayerNorm.class).values().stream().map(NetworkWalk::trains).toList();
    return new VitLayerWalk(blocks, config.dropout(), norms);
  }

  /**
   * Runs the layer.
   *
   * @param x whether a gradient passes to its input
   * @param firsts whether it answers for the images' first tokens alone
   * @return whether one passes to its output
   */
  boolean run(Tape tape, BatchShape batch, boolean x, boolean training, boolean firsts) {
    double all = batch.tokens();
    double rows = firsts ? batch.sequences() : all;
    double width = rows * blocks.width();
    boolean in = x || (training && norms.get(0));
    normed(tape, all, in, training);
    // The first tokens themselves, normalised and not.
    tape.make(firsts ? 2 * width : 0, in);
    boolean a = blocks.attention(tape, batch, in, training, firsts);
    LayerBlocks.dropped(tape, width, dropout, a, training);
    boolean h = x || a || (training && norms.get(1));
    // The norm reads it.
    tape.make(width, h);
    tape.make(rows * MOMENTS, h);
    boolean y = blocks.feedForward(tape, rows, h, training);
    LayerBlocks.dropped(tape, width, dropout, y, training);
    tape.make(width, true);
    tape.gradients(blocks.gradients(all));
    return x || a || y;
  }

  /** The norm before attention, and its output as query, key and value read it. */
  private void normed(Tape tape, double rows, boolean gradient, boolean training) {
    double values = rows * blocks.width();
    boolean[] needed = blocks.needsOfReaders(gradient, training);
    tape.make(rows * MOMENTS, gradient);
    boolean any = needed[0] || needed[1] || needed[2];
    tape.make(values, any && !blocks.products().copies());
    blocks.products().shared(tape, values, needed);
  }

  /** Whether it holds anything that is trained. */
  boolean isTrained() {
    return norms.contains(true) || blocks.isTrained();
  }
}
