package dev.luthier.cli;

import dev.luthier.run.Predictor;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which tuned model a command asks. */
final class ModelOptions {
  @Parameters(
      index = "0",
      paramLabel = "<run-or-model-folder>",
      description =
          "The folder of a run, or of a Hugging Face model with a head, or of an adapter.")
  private Path folder = Path.of("");

  @Option(
      names = "--adapter",
      paramLabel = "<folder>",
      description = "An adapter in PEFT's layout to put into the model.")
  private @Nullable Path adapter;

  /** Loads the model. */
  Predictor load() {
    return adapter == null ? Predictor.load(folder) : Predictor.load(folder, adapter);
  }
}
