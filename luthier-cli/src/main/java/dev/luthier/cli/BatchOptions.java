package dev.luthier.cli;

import dev.luthier.run.batch.RateScaling;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which batch sizes a command tries, and how. */
final class BatchOptions {
  @Option(
      names = "--batch",
      split = ",",
      paramLabel = "<n>",
      description = "The batch sizes. Default: ${DEFAULT-VALUE}.")
  private List<Integer> sizes;

  @Option(
      names = "--at-once",
      paramLabel = "<n>",
      description =
          "The most examples computed at once; a larger batch is added up from parts. Default: the"
              + " smallest batch.")
  private @Nullable Integer atOnce;

  @Option(
      names = "--rate",
      paramLabel = "<how>",
      description =
          "How learning rates grow with the batch: ${COMPLETION-CANDIDATES}. Default:"
              + " ${DEFAULT-VALUE}.")
  private RateScaling scaling;

  /** With the defaults of a command. */
  BatchOptions(List<Integer> sizes, RateScaling scaling) {
    this.sizes = sizes;
    this.scaling = scaling;
  }

  /** The batch sizes, each at least 1. */
  List<Integer> sizes() {
    Trials.require("--batch", sizes);
    return sizes;
  }

  /** The most examples computed at once. */
  int atOnce() {
    return atOnce == null ? Collections.min(sizes()) : atOnce;
  }

  /** How learning rates grow with the batch. */
  RateScaling scaling() {
    return scaling;
  }
}
