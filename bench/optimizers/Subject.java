/**
 * What is measured: a recipe's parts that differ from case to case.
 *
 * @param name of the row
 * @param optimizer as a recipe writes it, at its default rate
 * @param schedule of the learning rate
 * @param objective as a recipe writes it; empty is the task's own
 * @param adapt as a recipe writes it
 * @param dropout of the model
 * @param around whether it is a link around AdamW, and no optimizer by itself
 */
record Subject(
    String name,
    String optimizer,
    String schedule,
    String objective,
    String adapt,
    double dropout,
    boolean around) {
  static final String ADAMW = "adamw";
  private static final String LINEAR = "{linear: {warmup: 0.1}}";
  private static final String CONSTANT = "{constant: {warmup: 0.1}}";

  /** An optimizer by itself. */
  static Subject optimizer(String name, String text) {
    return new Subject(name, text, LINEAR, "", "[full]", 0, false);
  }

  /** A link before or after AdamW. */
  static Subject beside(String name, String links) {
    return new Subject(name, "{chain: {links: [" + links + "]}}", LINEAR, "", "[full]", 0, true);
  }

  /** An objective, learnt by AdamW. */
  static Subject objective(String name, String text) {
    return new Subject(name, ADAMW, LINEAR, text, "[full]", 0, false);
  }

  /** The same at a rate that does not fall, for averages that want it so. */
  Subject atConstantRate() {
    return new Subject(name, optimizer, CONSTANT, objective, adapt, dropout, around);
  }

  Subject adapted(String how) {
    return new Subject(name, optimizer, schedule, objective, how, dropout, around);
  }

  Subject withDropout(double p) {
    return new Subject(name, optimizer, schedule, objective, adapt, p, around);
  }

  boolean isAdamW() {
    return name.equals(ADAMW);
  }
}
