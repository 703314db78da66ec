package dev.luthier.run.plan;

import dev.luthier.model.llama.LlamaConfig;
import dev.luthier.model.llama.LlamaLayer;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.RmsNorm;
import dev.luthier.model.nn.Stability;
import dev.luthier.model.nn.StabilityNorms;
import java.util.ArrayList;
import java.util.List;

/**
 * One layer of a decoder, counted. Follows {@link LlamaLayer} line by line.
 *
 * @param linears query, key, value, mixed, gate, up, down
 * @param norms whether the norm before attention, and the one before the feed-forward block, are
 *     trained
 * @param how what further norms and cap there are
 */
record DecoderLayerWalk(
    LlamaConfig config, List<LinearSite> linears, List<Boolean> norms, Stability how) {
  /** From this length on attention is fused, unless its weights are dropped out. */
  private static final int FUSED_FROM = 768;

  private static final int QUERY = 0;
  private static final int KEY = 1;
  private static final int VALUE = 2;
  private static final int MIXED = 3;
  private static final int GATE = 4;
  private static final int UP = 5;
  private static final int DOWN = 6;

  /** Halves of turned heads: two products, each with cosine and sine, and their two sums. */
  private static final double TURNING = 3;

  static DecoderLayerWalk of(LlamaLayer layer, LlamaConfig config, double dropout) {
    List<LinearSite> linears = LinearSite.all(layer, dropout);
    List<RmsNorm> norms = new ArrayList<>(Modules.all(layer, RmsNorm.class).values());
    Modules.all(layer, StabilityNorms.class).values().stream()
        .flatMap(further -> Modules.all(further, RmsNorm.class).values().stream())
        .forEach(norms::remove);
    int before = layer.stability().normsValues() ? 1 : 2;
    if (linears.size() != DOWN + 1 || norms.size() != before) {
      throw new IllegalStateException(
          "a layer has " + linears.size() + " linear layers and " + norms.size() + " norms");
    }
    boolean first = before == 2 && NetworkWalk.trains(norms.get(0));
    return new DecoderLayerWalk(
        config,
        linears,
        List.of(first, NetworkWalk.trains(norms.get(before - 1))),
        layer.stability());
  }

  /**
   * Runs the layer.
   *
   * @param x whether a gradient passes to its input
   * @param lasts whether it answers for the sequences' last tokens alone
   * @return whether one passes to its output
   */
  boolean run(Tape tape, BatchShape batch, boolean x, boolean training, boolean lasts) {
    double rows = (double) (lasts ? batch.sequences() : batch.tokens());
    double width = rows * config.width();
    boolean n = norm(tape, (double) batch.tokens(), x, training, 0, QUERY, KEY, VALUE);
    boolean a = attention(tape, batch, n, training, lasts);
    double queries = rows * config.heads() * config.headWidth();
    products().inputOfProducts(tape, queries, needs(MIXED, a, training));
    linear(tape, MIXED, rows, a, training, false);
    tape.make(how.normOutputs() ? 2 * width : 0, training);
    boolean h = x || passes(MIXED, a, training);
    // The norm reads it.
    tape.make(width, h || (training && norms.get(1)));
    boolean y = feedForward(tape, rows, h, training);
    tape.make(width, true);
    tape.gradients(gradients((double) batch.tokens(), rows));
    return y;
  }

  private boolean feedForward(Tape tape, double n, boolean h, boolean training) {
    double inner = n * config.inner();
    boolean m = norm(tape, n, h, training, 1, GATE, UP);
    boolean g = passes(GATE, m, training);
    boolean u = passes(UP, m, training);
    linear(tape, GATE, n, m, training, g);
    tape.make(products().share() * inner, u);
    linear(tape, UP, n, m, training, g);
    products().inputOfProducts(tape, inner, needs(DOWN, g || u, training));
    linear(tape, DOWN, n, g || u, training, false);
    tape.make(how.normOutputs() ? 2 * n * config.width() : 0, training);
    return h || passes(DOWN, g || u, training);
  }

  /** A norm, and its output as the linear layers above it read that. */
  private boolean norm(
      Tape tape, double rows, boolean x, boolean training, int which, int... readers) {
    double values = rows * config.width();
    boolean trained = training && norms.get(which);
    boolean[] needed = new boolean[readers.length];
    boolean any = false;
    for (int i = 0; i < readers.length; i++) {
      needed[i] = needs(readers[i], x || trained, training);
      any |= needed[i];
    }
    normed(tape, values, rows, x, trained);
    tape.make(values, any && !products().copies());
    products().shared(tape, values, needed);
    return x || trained;
  }

  /**
   * What a norm makes beside its output: squares for a moment, the mean of each token, and the
   * quotients, which its weight's gradient needs.
   */
  static void normed(Tape tape, double values, double tokens, boolean input, boolean trained) {
    tape.briefly(2 * values);
    tape.make(tokens, input || trained);
    tape.make(trained ? values : 0, trained);
  }

  private boolean attention(
      Tape tape, BatchShape batch, boolean x, boolean training, boolean lasts) {
    boolean q = passes(QUERY, x, training);
    boolean k = passes(KEY, x, training);
    boolean v = passes(VALUE, x, training);
    boolean drops = training && config.attentionDropout() > 0;
    boolean widened = products() == Products.WIDENED;
    double n = (double) batch.tokens();
    double rows = lasts ? batch.sequences() : n;
    double queries = rows * config.heads() * config.headWidth();
    double keys = n * config.groups() * config.headWidth();
    List<BatchShape.Run> runs = batch.runs();
    boolean viewsQueries =
        runs.stream()
            .anyMatch(
                r ->
                    lasts
                        || fuses(r, drops)
                        || (r.count() == 1 && config.heads() == config.groups()));
    boolean viewsKeys =
        config.groups() == 1
            || runs.stream().anyMatch(r -> (fuses(r, drops) && !lasts) || r.count() == 1);
    linear(tape, QUERY, rows, x, training, false);
    linear(tape, KEY, n, x, training, false);
    linear(tape, VALUE, n, x, training, viewsKeys && (q || k) && !widened);
    // What norms read, and their output.
    tape.make(how.normsQueries() ? 2 * (queries + keys) : 0, training);
    tape.make(how.normsValues() ? 2 * keys : 0, training);
    turned(tape, queries, viewsQueries && k);
    turned(tape, keys, viewsKeys && q);
    tape.make(widened ? keys : 0, viewsKeys && (q || k));
    for (BatchShape.Run run : runs) {
      double asking = lasts ? run.count() : run.tokens();
      double area = asking * run.length();
      double products = 2 * area * config.heads() * config.headWidth();
      tape.multiply(products, (q ? 1 : 0) + (k ? 1 : 0));
      tape.multiply(products, (q || k ? 1 : 0) + (v ? 1 : 0));
      if (fuses(run, drops) && !lasts) {
        fused(tape, run, q || k || v);
      } else {
        explicit(tape, run, asking, q, k, v, drops);
        // Of the weights before and after the softmax.
        tape.gradients(2 * square(run, asking));
      }
    }
    return q || k || v;
  }

  private boolean fuses(BatchShape.Run run, boolean drops) {
    return run.length() >= FUSED_FROM && !drops && how.scoreCap() == 0;
  }

  /** Heads turned by their positions, as attention computes with them. */
  private void turned(Tape tape, double values, boolean needed) {
    tape.passing(TURNING * values);
    Products how = products();
    if (how == Products.BFLOAT16 || how == Products.WIDENED) {
      tape.passing(values);
      tape.make(how.share() * values, needed && how == Products.BFLOAT16);
    }
    if (how != Products.BFLOAT16) {
      tape.make(values, needed);
    }
  }

  private void fused(Tape tape, BatchShape.Run run, boolean needed) {
    double tokens = run.tokens();
    double widened = share() < 1 ? config.heads() + 2.0 * config.groups() : 0;
    tape.make(tokens * widened * config.headWidth(), needed);
    tape.make(tokens * config.heads() * (config.headWidth() + 1), needed);
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
    double queries = share() * asking * config.heads() * config.headWidth();
    double keys = share() * run.tokens() * config.groups() * config.headWidth();
    double square = square(run, asking);
    boolean all = asking == run.tokens();
    if (all && (run.count() > 1 || config.heads() > config.groups())) {
      tape.make(queries, k);
    }
    if (run.count() > 1 && config.groups() > 1) {
      tape.make(keys, q);
      tape.make(keys, q || k);
    }
    // Scores below their cap, of which the backward pass needs the tangents, and times the cap.
    tape.make(how.scoreCap() > 0 ? square : 0, q || k);
    tape.passing(how.scoreCap() > 0 ? square : 0);
    tape.passing(all ? maskValues(run) : 0);
    tape.passing(square);
    tape.make(square, q || k || (v && !drops));
    if (drops) {
      // The multiplier is float32 whatever it multiplies.
      tape.passing(square / share() * LayerBlocks.RAGGED_DRAWS);
      tape.make(square / share(), q || k);
      tape.make(square, v);
    }
    // What the heads give, its copy in the order of the tokens, and that beside others.
    tape.passing(2 * queries);
  }

  /** Where a position may look: for one head, and for all that share keys. */
  private double maskValues(BatchShape.Run run) {
    double one = (double) run.length() * run.length();
    return one * (1 + (config.heads() > config.groups() ? config.heads() / config.groups() : 0));
  }

  private double square(BatchShape.Run run, double asking) {
    return share() * asking * run.length() * config.heads();
  }

  /** The widest gradients, of the stream and of the feed-forward block. */
  private double gradients(double tokens, double rows) {
    double stream = 2 * tokens * config.width();
    return linears.get(DOWN).gradients(stream, rows * config.inner(), 3);
  }

  /** Whether it holds anything that is trained. */
  boolean isTrained() {
    return norms.contains(true) || linears.stream().anyMatch(l -> l.passes(false));
  }

  /** How its products are computed. */
  Products products() {
    return linears.get(QUERY).products();
  }

  /** The size of what attention computes with. */
  private double share() {
    return products() == Products.BFLOAT16 ? products().share() : 1;
  }

  private void linear(
      Tape tape, int which, double n, boolean input, boolean training, boolean needed) {
    linears.get(which).run(tape, n, input, training, needed);
  }

  private boolean needs(int which, boolean input, boolean training) {
    return training && linears.get(which).needsInput(input, training);
  }

  private boolean passes(int which, boolean input, boolean training) {
    return training && linears.get(which).passes(input);
  }
}
