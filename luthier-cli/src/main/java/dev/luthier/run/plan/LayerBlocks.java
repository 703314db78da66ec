package dev.luthier.run.plan;

import dev.luthier.model.nn.Activation;
import dev.luthier.model.nn.Stability;
import java.util.List;

/**
 * What layers of encoders have in common wherever their norms stand, counted: the attention of
 * sequences to themselves, and the feed-forward block.
 *
 * @param width of the hidden states
 * @param inner width inside the feed-forward block
 * @param heads of attention
 * @param activation inside the feed-forward block
 * @param dropout on the attention weights
 * @param linears query, key, value, mixed, widen, narrow
 * @param how what further norms and cap there are
 */
record LayerBlocks(
    int width,
    int inner,
    int heads,
    Activation activation,
    double dropout,
    List<LinearSite> linears,
    Stability how) {
  /** From this length on attention is fused, unless its weights are dropped out. */
  private static final int FUSED_FROM = 256;

  private static final int LINEARS = 6;

  /** Odd lengths need their random bits cut to size: half a value more. */
  static final double RAGGED_DRAWS = EncoderWalk.DRAWS + 0.5;

  /** Checks that these are a layer's. */
  LayerBlocks {
    if (linears.size() != LINEARS) {
      throw new IllegalStateException("a layer has " + linears.size() + " linear layers");
    }
  }

  /**
   * Attention, from its rounded input to the sum of the heads.
   *
   * @param x whether a gradient passes to its input
   * @param firsts whether it answers for the sequences' first tokens alone
   * @return whether one passes to its output
   */
  boolean attention(Tape tape, BatchShape batch, boolean x, boolean training, boolean firsts) {
    boolean heads = attended(tape, batch, x, training, firsts);
    double rows = firsts ? batch.sequences() : batch.tokens();
    products().inputOfProducts(tape, rows * width, needs(3, heads, training));
    linear(tape, 3, rows, heads, training, false);
    tape.make(how.normOutputs() ? 2 * rows * width : 0, training);
    return passes(3, heads, training);
  }

  /**
   * The feed-forward block, its input being there for it alone.
   *
   * @param input whether a gradient passes to that
   * @return whether one passes to its output
   */
  boolean feedForward(Tape tape, double rows, boolean input, boolean training) {
    boolean w = passes(4, input, training);
    boolean result = activation == Activation.RELU || activation == Activation.TANH;
    products().input(tape, rows * width, needs(4, input, training));
    linear(tape, 4, rows, input, training, w && !result);
    products().inputOfProducts(tape, rows * inner, (w && result) || needs(5, w, training));
    linear(tape, 5, rows, w, training, false);
    tape.make(how.normOutputs() ? 2 * rows * width : 0, training);
    return passes(5, w, training);
  }

  /** The widest gradients of the backward pass. */
  double gradients(double tokens) {
    return linears.get(5).gradients(2 * tokens * width, tokens * inner, 2);
  }

  /** Whether its linear layers hold anything that is trained. */
  boolean isTrained() {
    return linears.stream().anyMatch(l -> l.passes(false));
  }

  /** How its products are computed. */
  Products products() {
    return linears.get(0).products();
  }

  /** Whether the backward passes of query, key and value need what they read. */
  boolean[] needsOfReaders(boolean input, boolean training) {
    return new boolean[] {
      needs(0, input, training), needs(1, input, training), needs(2, input, training)
    };
  }

  /** Whether the backward pass needs what a linear layer reads. */
  private boolean needs(int which, boolean input, boolean training) {
    return training && linears.get(which).needsInput(input, training);
  }

  /** Whether a gradient passes through a linear layer. */
  private boolean passes(int which, boolean input, boolean training) {
    return training && linears.get(which).passes(input);
  }

  /** A linear layer with its output, which may be needed. */
  private void linear(
      Tape tape, int which, double n, boolean input, boolean training, boolean needed) {
    linears.get(which).run(tape, n, input, training, needed);
  }

  /** residual + dropout(block); whether a gradient passes to the block's output is told. */
  static void dropped(Tape tape, double values, double dropout, boolean block, boolean training) {
    if (training && dropout > 0) {
      tape.passing(values * EncoderWalk.DRAWS);
      tape.make(values, block);
    }
  }

  private boolean attended(
      Tape tape, BatchShape batch, boolean x, boolean training, boolean firsts) {
    boolean q = passes(0, x, training);
    boolean k = passes(1, x, training);
    boolean v = passes(2, x, training);
    boolean drops = training && dropout > 0;
    List<BatchShape.Run> runs = batch.runs();
    // A block of one sequence needs no copy; it is a view that keeps the whole tensor alive.
    boolean whole = runs.stream().anyMatch(r -> r.count() == 1 || isFused(r, drops));
    double n = batch.tokens();
    asked(tape, 0, firsts ? batch.sequences() : n, x, training, whole && k);
    asked(tape, 1, n, x, training, whole && q);
    asked(tape, 2, n, x, training, whole && (q || k));
    // What norms of queries and keys read, and their output.
    tape.make(how.normsQueries() ? 4 * n * width : 0, training);
    for (BatchShape.Run run : runs) {
      double asking = firsts ? run.count() : run.tokens();
      double products = 2 * asking * width * run.length();
      tape.multiply(products, (q ? 1 : 0) + (k ? 1 : 0));
      tape.multiply(products, (q || k ? 1 : 0) + (v ? 1 : 0));
      if (isFused(run, drops) && !firsts) {
        boolean narrow = share() < 1;
        tape.make(narrow ? 3 * run.tokens() * (double) width : 0, q || k || v);
        tape.make(asking * (width + heads), q || k || v);
      } else {
        explicit(tape, run, asking, q, k, v, drops);
      }
    }
    return q || k || v;
  }

  /** A projection, as attention computes with it. */
  private void asked(
      Tape tape, int which, double n, boolean input, boolean training, boolean needed) {
    boolean widened = products() == Products.WIDENED;
    linear(tape, which, n, input, training, needed && !widened);
    if (widened) {
      tape.make(n * width, needed);
    }
  }

  /** The size of what attention computes with. */
  private double share() {
    return products() == Products.BFLOAT16 ? products().share() : 1;
  }

  private boolean isFused(BatchShape.Run run, boolean drops) {
    return run.length() >= FUSED_FROM && !drops && how.scoreCap() == 0;
  }

  /** Attention with its weights written out. */
  private void explicit(
      Tape tape,
      BatchShape.Run run,
      double asking,
      boolean q,
      boolean k,
      boolean v,
      boolean drops) {
    double values = share() * run.tokens() * width;
    double square = share() * asking * run.length() * heads;
    double answers = share() * asking * width;
    if (run.count() > 1) {
      tape.make(answers, k);
      tape.make(values, q);
      tape.make(values, q || k);
    }
    // Scores below their cap, of which the backward pass needs the tangents.
    tape.make(how.scoreCap() > 0 ? square : 0, q || k);
    tape.passing(square);
    tape.make(square, q || k || (v && !drops));
    if (drops) {
      // The multiplier is float32 whatever it multiplies.
      tape.passing(square / share() * RAGGED_DRAWS);
      tape.make(square / share(), q || k);
      tape.make(square, v);
    }
    // What the heads give, and its copy in the order of the tokens.
    tape.passing(2 * answers);
    // Of the weights before and after the softmax.
    tape.gradients(2 * square);
  }
}
