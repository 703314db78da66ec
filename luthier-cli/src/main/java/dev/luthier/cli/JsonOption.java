package dev.luthier.cli;

import picocli.CommandLine.Option;

/** The option of every command that prints results: print them for programs. */
final class JsonOption {
  @Option(names = "--json", description = "Print the result as one JSON document.")
  private boolean json;

  /** Whether to print JSON. */
  boolean isOn() {
    return json;
  }
}
