package dev.luthier.cli;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A training run in a process of its own, which saves every five steps.
 *
 * @param process it runs in
 * @param folder of the run; what it prints stands beside, in files that end in {@code .out} and
 *     {@code .err}
 */
record ChildRun(Process process, Path folder) {
  private static final int PATIENCE_SECONDS = 120;

  /** Starts the workshop's recipe with an output folder of that name in the workshop. */
  static ChildRun start(Workshop shop, String output, String... more) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dluthier.threads=1",
                "-XX:-UsePerfData",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Luthier.class.getName(),
                "train",
                shop.path("recipe.yaml").toString(),
                "--set",
                "train.save-every=5",
                "--set",
                "output=" + shop.path(output)));
    command.addAll(List.of(more));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    Process process =
        builder
            .redirectOutput(shop.path(output + ".out").toFile())
            .redirectError(Redirect.to(shop.path(output + ".err").toFile()))
            .start();
    return new ChildRun(process, shop.path(output));
  }

  /** Waits until a checkpoint is complete. */
  ChildRun awaitCheckpoint() throws IOException, InterruptedException {
    for (int i = 0; i < PATIENCE_SECONDS * 50 && process.isAlive(); i++) {
      if (!checkpoints().isEmpty()) {
        return this;
      }
      Thread.sleep(20);
    }
    throw new AssertionError("no checkpoint was made:\n" + said());
  }

  /** Waits for the end and gives the exit code. */
  int finish() throws InterruptedException {
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("the run does not end");
    }
    return process.exitValue();
  }

  /** The checkpoints that are there, oldest first. */
  List<Path> checkpoints() throws IOException {
    Path in = folder.resolve("checkpoints");
    if (!Files.isDirectory(in)) {
      return List.of();
    }
    try (Stream<Path> found = Files.list(in)) {
      return found.filter(p -> p.getFileName().toString().startsWith("step-")).sorted().toList();
    }
  }

  /** What it printed on standard error. */
  String said() throws IOException {
    return Files.readString(folder.resolveSibling(folder.getFileName() + ".err"));
  }

  /** The weights it ended with. */
  Path weights() {
    return folder.resolve("model/model.safetensors");
  }
}
