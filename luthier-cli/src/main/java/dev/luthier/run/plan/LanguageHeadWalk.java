package dev.luthier.run.plan;

import java.util.List;

/** A head over words that reads some rows of hidden states, and the loss, counted. */
final class LanguageHeadWalk {
  /** Logits that are held at once where a language model is judged, in training and after it. */
  private static final int LOGITS = 1 << 23;

  private LanguageHeadWalk() {}

  /**
   * Runs both.
   *
   * @param rows whose logits are wanted
   * @param input whether a gradient passes to the hidden states
   */
  static void run(Tape tape, List<LinearSite> head, double rows, boolean input, boolean training) {
    LinearSite site = head.get(0);
    if (site.rank() > 0) {
      EncoderWalk.head(tape, head, rows, input, training);
      return;
    }
    // The rows that are wanted.
    tape.make(rows * site.in(), true);
    portions(tape, site, rows, input, training);
  }

  /** A head whose logits are made and judged for some rows at a time. */
  private static void portions(
      Tape tape, LinearSite site, double rows, boolean input, boolean training) {
    Products how = site.products();
    double matrix = (double) site.in() * site.out();
    double portion = Math.min(rows, (double) Math.max(1, LOGITS / site.out()));
    double logits = portion * site.out();
    tape.multiply(2 * rows * matrix, (training && input ? 1 : 0) + (site.weight() ? 1 : 0));
    how.rounded(tape, rows * site.in(), training);
    if (!training) {
      how.output(tape, matrix, 0, logits, false, false);
      // Widened, and as logarithms of the probabilities.
      tape.passing(how.share() < 1 ? 2 * logits : logits);
      return;
    }
    if (how == Products.WIDENED) {
      tape.make(matrix + rows * site.in(), true);
    }
    tape.briefly(how == Products.BFLOAT16 ? 2 * logits : logits);
    // The gradients, which are there before the backward pass, and scaled where the loss is.
    double copies = how == Products.FLOAT16 ? 2 : 1;
    tape.make(input ? copies * how.share() * rows * site.in() : 0, true);
    tape.make(site.weight() ? copies * matrix : 0, true);
  }
}
