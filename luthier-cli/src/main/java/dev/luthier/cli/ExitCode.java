package dev.luthier.cli;

/** What the program tells the shell. */
final class ExitCode {
  /** It is done. */
  static final int OK = 0;

  /** Something that the user can mend. */
  static final int MENDABLE = 1;

  /** The command line is not understood. */
  static final int USAGE = 2;

  /** A defect of Luthier, as sysexits' EX_SOFTWARE. */
  static final int INTERNAL = 70;

  private ExitCode() {}
}
