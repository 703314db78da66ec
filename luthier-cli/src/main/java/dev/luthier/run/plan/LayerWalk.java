package dev.luthier.run.plan;

import dev.luthier.model.encoder.EncoderLayer;
import dev.luthier.model.encoder.EncoderSpec;
import dev.luthier.model.nn.Activation;
import dev.luthier.model.nn.LayerNorm;
import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Stability;
import java.util.List;

/**
 * One layer of an encoder, counted. Follows {@link EncoderLayer} line by line.
 *
 * @param linears query, key, value, mixed, widen, narrow
 * @param norms whether the norm after attention, and the one after the feed-forward block, are
 *     trained
 * @param how what further norms and cap there are
 */
record LayerWalk(EncoderSpec spec, List<LinearSite> linears, List<Boolean> norms, Stability how) {
  /** From this length on attention is fused, unless its weights are dropped out. */
  private static final int FUSED_FROM = 256;

  private static final int LINEARS = 6;

  /** Odd lengths need their random bits cut to size: half a value more. */
  private static final double RAGGED_DRAWS = EncoderWalk.DRAWS + 0.5;

  static LayerWalk of(EncoderLayer layer, EncoderSpec spec, double dropout) {
    List<LinearSite> linears =
        Modules.all(layer, Linear.class).values().stream()
            .map(l -> LinearSite.of(l, dropout))
            .toList();
    if (linears.size() != LINEARS) {
      throw new IllegalStateException("a layer has " + linears.size() + " linear layers");
    }
    List<Boolean> norms =
        Modules.all(layer, LayerNorm.class).values().stream().map(NetworkWalk::trains).toList();
    return new LayerWalk(spec, linears, norms, layer.stability());
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
    double width = n * spec.width();
    double inner = n * spec.inner();
    double all = (double) batch.tokens() * spec.width();
    products()
        .shared(tape, all, needs(0, x, training), needs(1, x, training), needs(2, x, training));
    boolean mixed = attention(tape, batch, x, training, firsts);
    products().inputOfProducts(tape, width, needs(3, mixed, training));
    linear(tape, 3, n, mixed, training, false);
    tape.make(how.normOutputs() ? 2 * width : 0, training);
    boolean a = joined(tape, width, x, passes(3, mixed, training), training, 0);
    boolean w = passes(4, a, training);
    boolean result = spec.activation() == Activation.RELU || spec.activation() == Activation.TANH;
    products().input(tape, width, needs(4, a, training));
    linear(tape, 4, n, a, training, w && !result);
    products().inputOfProducts(tape, inner, (w && result) || needs(5, w, training));
    linear(tape, 5, n, w, training, false);
    tape.make(how.normOutputs() ? 2 * width : 0, training);
    boolean last = joined(tape, width, a, passes(5, w, training), training, 1);
    tape.make(width, true);
    tape.gradients(gradients((double) batch.tokens()));
    return last;
  }

  /** The widest gradients of the backward pass. */
  private double gradients(double tokens) {
    double stream = 2 * tokens * spec.width();
    double inner = tokens * spec.inner();
    double matrix = (double) spec.width() * spec.inner();
    boolean trained = linears.get(5).weight();
    return switch (products()) {
      case AS_STORED -> stream + 2 * inner;
      case BFLOAT16 -> stream + 2 * products().share() * inner;
      case FLOAT16 -> stream + 3 * inner;
      case WIDENED -> stream + (trained ? 3 : 2) * inner + (trained ? 3 : 1) * matrix;
    };
  }

  /** Whether it holds anything that is trained. */
  boolean isTrained() {
    return norms.contains(true) || linears.stream().anyMatch(l -> l.passes(false));
  }

  /** How its products are computed. */
  Products products() {
    return linears.get(0).products();
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

  /** residual + dropout(block), which the norm reads. */
  private boolean joined(
      Tape tape, double width, boolean residual, boolean block, boolean training, int norm) {
    if (training && spec.dropout() > 0) {
      tape.passing(width * EncoderWalk.DRAWS);
      tape.make(width, block);
    }
    boolean gradient = residual || block || (training && norms.get(norm));
    tape.make(width + 2 * width / spec.width(), gradient);
    return gradient;
  }

  private boolean attention(
      Tape tape, BatchShape batch, boolean x, boolean training, boolean firsts) {
    boolean q = passes(0, x, training);
    boolean k = passes(1, x, training);
    boolean v = passes(2, x, training);
    boolean drops = training && spec.attentionDropout() > 0;
    List<BatchShape.Run> runs = batch.runs();
    // A block of one sequence needs no copy; it is a view that keeps the whole tensor alive.
    boolean whole = runs.stream().anyMatch(r -> r.count() == 1 || isFused(r, drops));
    double n = batch.tokens();
    asked(tape, 0, firsts ? batch.sequences() : n, x, training, whole && k);
    asked(tape, 1, n, x, training, whole && q);
    asked(tape, 2, n, x, training, whole && (q || k));
    // What norms of queries and keys read, and their output.
    tape.make(how.normsQueries() ? 4 * n * spec.width() : 0, training);
    for (BatchShape.Run run : runs) {
      double asking = firsts ? run.count() : run.tokens();
      double products = 2 * asking * spec.width() * run.length();
      tape.multiply(products, (q ? 1 : 0) + (k ? 1 : 0));
      tape.multiply(products, (q || k ? 1 : 0) + (v ? 1 : 0));
      if (isFused(run, drops) && !firsts) {
        boolean narrow = share() < 1;
        tape.make(narrow ? 3 * run.tokens() * (double) spec.width() : 0, q || k || v);
        tape.make(asking * (spec.width() + spec.heads()), q || k || v);
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
      tape.make(n * spec.width(), needed);
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
    double values = share() * run.tokens() * spec.width();
    double square = share() * asking * run.length() * spec.heads();
    double answers = share() * asking * spec.width();
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
  }
}
