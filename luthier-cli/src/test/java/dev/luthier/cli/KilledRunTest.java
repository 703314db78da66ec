package dev.luthier.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KilledRunTest {
  private static final int PATIENCE_SECONDS = 120;

  @TempDir private Path folder;
  private Workshop shop = new Workshop(Path.of(""));

  @BeforeEach
  void furnish() throws IOException {
    shop = Workshop.furnished(folder);
    shop.recipe("[full]", 20);
  }

  @Test
  void a_run_killed_at_a_random_moment_resumes_to_the_same_bits()
      throws IOException, InterruptedException {
    long moment = new Random().nextInt(400);
    Process whole = start("whole");
    Process killed = start("run");
    awaitCheckpoint(killed);
    Thread.sleep(moment);
    killed.destroyForcibly().waitFor();

    assertThat(finish(start("run", "--resume"))).isZero();
    assertThat(finish(whole)).isZero();

    String weights = "model/model.safetensors";
    assertThat(shop.path("run").resolve(weights))
        .as("killed %d ms after its first checkpoint", moment)
        .hasSameBinaryContentAs(shop.path("whole").resolve(weights));
  }

  @Test
  void a_run_asked_to_end_saves_itself_and_says_how_to_go_on()
      throws IOException, InterruptedException {
    assumeFalse(System.getProperty("os.name", "").startsWith("Windows"), "signals are of POSIX");
    Process asked = start("run");
    awaitCheckpoint(asked);
    asked.destroy();

    assertThat(finish(asked)).isEqualTo(143);
    assertThat(shop.path("run.err"))
        .content()
        .contains("stopping after the present step")
        .contains("stopped; go on by: luthier train " + shop.path("recipe.yaml"))
        .contains("--set output=" + shop.path("run") + " --resume");
    assertThat(shop.path("run/run.json")).content().contains("\"running\"");
    assertThat(shop.path("run/model")).doesNotExist();
  }

  private Process start(String output, String... more) throws IOException {
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
    return builder
        .redirectOutput(shop.path(output + ".out").toFile())
        .redirectError(Redirect.to(shop.path(output + ".err").toFile()))
        .start();
  }

  private void awaitCheckpoint(Process process) throws IOException, InterruptedException {
    Path checkpoints = shop.path("run/checkpoints");
    for (int i = 0; i < PATIENCE_SECONDS * 50 && process.isAlive(); i++) {
      if (Files.isDirectory(checkpoints)) {
        try (Stream<Path> found = Files.list(checkpoints)) {
          if (found.anyMatch(p -> p.getFileName().toString().startsWith("step-"))) {
            return;
          }
        }
      }
      Thread.sleep(20);
    }
    throw new AssertionError("no checkpoint was made:\n" + Files.readString(shop.path("run.err")));
  }

  private static int finish(Process process) throws InterruptedException {
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("the run does not end");
    }
    return process.exitValue();
  }
}
