package dev.luthier.train;

import java.util.List;

/**
 * What a listener has to say of a run.
 *
 * @param topic the key of the technique that says it, for instance {@code overfitting}, or what the
 *     training loop itself has found
 * @param step after which: the number of steps made
 * @param epoch passes over the data, counted in fractions
 * @param saw what was seen, one sentence with its numbers
 * @param remedies what to try, the most promising first; each names the key of a recipe where there
 *     is one
 */
public record Finding(String topic, long step, double epoch, String saw, List<String> remedies) {
  /** Copies the list. */
  public Finding {
    remedies = List.copyOf(remedies);
  }

  /** All of it on one line, for people. */
  public String line() {
    return topic + ": " + saw + (remedies.isEmpty() ? "" : " Try: " + String.join("; ", remedies));
  }
}
