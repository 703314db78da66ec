package dev.luthier.testing;

import java.util.Comparator;

/**
 * What one test says about one row of the catalogue.
 *
 * @param row identifier of the row
 * @param test class and method of the test
 * @param verdict how the test ended
 */
record Proof(String row, String test, Verdict verdict) implements Comparable<Proof> {

  /** How a test ended; of several invocations of one test the gravest counts. */
  enum Verdict {
    PASSED("true"),
    SKIPPED("skipped"),
    FAILED("false");

    private final String written;

    Verdict(String written) {
      this.written = written;
    }

    Verdict graver(Verdict other) {
      return compareTo(other) >= 0 ? this : other;
    }

    private static Verdict of(String written) {
      for (Verdict verdict : values()) {
        if (verdict.written.equals(written)) {
          return verdict;
        }
      }
      throw new IllegalArgumentException("not a verdict: " + written);
    }
  }

  private static final Comparator<Proof> ORDER =
      Comparator.comparing(Proof::row).thenComparing(Proof::test).thenComparing(Proof::verdict);

  /** Reads a line that {@link #line} wrote. */
  static Proof ofLine(String line) {
    String[] fields = line.split("\t", -1);
    if (fields.length != 3) {
      throw new IllegalArgumentException("not three fields: " + line);
    }
    return new Proof(fields[0], fields[1], Verdict.of(fields[2]));
  }

  /** Row, test and verdict, divided by tabs. */
  String line() {
    return row + "\t" + test + "\t" + verdict.written;
  }

  @Override
  public int compareTo(Proof other) {
    return ORDER.compare(this, other);
  }
}
