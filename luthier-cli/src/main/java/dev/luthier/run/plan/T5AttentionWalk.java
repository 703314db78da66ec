package dev.luthier.run.plan;

import dev.luthier.model.t5.T5Config;
import java.util.List;

/**
 * Attention of texts to others, or to themselves, counted from the rounded input of its projections
 * to the sum of the heads. The weights are always written out.
 *
 * @param linears query, key, value, mixed
 * @param biased whether something is added to the scores
 */
record T5AttentionWalk(T5Config config, List<LinearSite> linears, boolean biased) {
  /** The number of its linear layers. */
  static final int LINEARS = 4;

  private static final int QUERY = 0;
  private static final int KEY = 1;
  private static final int VALUE = 2;
  private static final int MIXED = 3;

  /**
   * Where gradients pass.
   *
   * @param asking to the tokens that ask
   * @param asked to those that are asked
   * @param bias to what is added to the scores
   */
  record Flow(boolean asking, boolean asked, boolean bias) {}

  /** Which parts of one block the backward pass reaches. */
  private record Reached(boolean q, boolean k, boolean v, boolean scores) {}

  /**
   * Runs it.
   *
   * @return whether a gradient passes to its output
   */
  boolean run(Tape tape, List<BatchShape.Block> blocks, Flow flow, boolean training) {
    boolean q = passes(QUERY, flow.asking(), training);
    boolean k = passes(KEY, flow.asked(), training);
    boolean v = passes(VALUE, flow.asked(), training);
    Reached reached = new Reached(q, k, v, q || k || (training && flow.bias()));
    double asking = blocks.stream().mapToDouble(BatchShape.Block::askingTokens).sum();
    double asked = blocks.stream().mapToDouble(BatchShape.Block::askedTokens).sum();
    // A block of one example needs no copy; it is a view that keeps the whole tensor alive.
    boolean views = blocks.stream().anyMatch(b -> b.count() == 1);
    projected(tape, QUERY, asking, flow.asking(), training, views && k);
    projected(tape, KEY, asked, flow.asked(), training, views && q);
    projected(tape, VALUE, asked, flow.asked(), training, views && reached.scores());
    blocks.forEach(b -> block(tape, b, reached, training && config.dropout() > 0));
    boolean mixed = reached.scores() || v;
    double answers = asking * headsWidth();
    products().inputOfProducts(tape, answers, training && site(MIXED).needsInput(mixed, training));
    site(MIXED).run(tape, asking, mixed, training, false);
    return passes(MIXED, mixed, training);
  }

  /** A projection, as attention computes with it. */
  private void projected(
      Tape tape, int which, double rows, boolean input, boolean training, boolean needed) {
    boolean widened = products() == Products.WIDENED;
    site(which).run(tape, rows, input, training, needed && !widened);
    tape.make(widened ? rows * headsWidth() : 0, needed);
  }

  private void block(Tape tape, BatchShape.Block b, Reached reached, boolean drops) {
    double share = products() == Products.BFLOAT16 ? products().share() : 1;
    double area = b.askingTokens() * b.asked() * config.heads();
    double product = 2 * b.askingTokens() * b.asked() * headsWidth();
    tape.multiply(product, (reached.q() ? 1 : 0) + (reached.k() ? 1 : 0));
    tape.multiply(product, (reached.scores() ? 1 : 0) + (reached.v() ? 1 : 0));
    boolean copied = b.count() > 1;
    tape.make(copied ? share * b.askingTokens() * headsWidth() : 0, reached.k());
    tape.make(copied ? share * b.askedTokens() * headsWidth() : 0, reached.q());
    tape.make(copied ? share * b.askedTokens() * headsWidth() : 0, reached.scores());
    // What is added to scores is float32, and so is the sum.
    double weights = biased ? area : share * area;
    boolean rounded = biased && share < 1;
    tape.passing(share * area);
    tape.passing(biased ? weights : 0);
    tape.make(weights, reached.scores() || (reached.v() && !drops && !rounded));
    if (drops) {
      // The multiplier is float32 whatever it multiplies.
      tape.passing(area * LayerBlocks.RAGGED_DRAWS);
      tape.make(area, reached.scores());
      tape.make(weights, reached.v() && !rounded);
    }
    tape.make(rounded ? share * area : 0, reached.v());
    // What the heads give, and its copy in the order of the tokens.
    tape.passing(2 * share * b.askingTokens() * headsWidth());
    tape.gradients(2 * weights);
  }

  /** Whether the backward passes of query, key and value need what they read. */
  boolean[] needsOfReaders(boolean asking, boolean asked, boolean training) {
    return new boolean[] {
      training && site(QUERY).needsInput(asking, training),
      training && site(KEY).needsInput(asked, training),
      training && site(VALUE).needsInput(asked, training)
    };
  }

  /** How its products are computed. */
  Products products() {
    return site(QUERY).products();
  }

  private LinearSite site(int which) {
    return linears.get(which);
  }

  private boolean passes(int which, boolean input, boolean training) {
    return training && site(which).passes(input);
  }

  private double headsWidth() {
    return config.headsWidth();
  }
}
