package dev.luthier.train;

/**
 * What an objective makes of a training step, for plans.
 *
 * @param held passes, forward and backward, whose activations are held at the same time
 * @param aside further passes, each either forward or backward, of which nothing is held meanwhile
 * @param copies of all trained weights that are held beside them
 * @param elsewhere whether another model runs too, whose size is not known here
 */
public record Passes(int held, int aside, int copies, boolean elsewhere) {
  /** One pass, forward and backward, and nothing beside it. */
  public static final Passes ONE = new Passes(1, 0, 0, false);

  /** All of this and all of that in one step. */
  public Passes plus(Passes that) {
    return new Passes(
        held + that.held, aside + that.aside, copies + that.copies, elsewhere || that.elsewhere);
  }

  /** The same with further passes whose activations are held. */
  public Passes andHeld(int more) {
    return new Passes(held + more, aside, copies, elsewhere);
  }

  /** The same with further passes of which nothing is held. */
  public Passes andAside(int more) {
    return new Passes(held, aside + more, copies, elsewhere);
  }

  /** The same with further copies of all trained weights. */
  public Passes andCopies(int more) {
    return new Passes(held, aside, copies + more, elsewhere);
  }

  /** The same with another model beside this one. */
  public Passes andElsewhere() {
    return new Passes(held, aside, copies, true);
  }
}
