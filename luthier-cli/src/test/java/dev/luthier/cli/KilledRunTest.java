package dev.luthier.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.luthier.testing.Proves;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KilledRunTest {
  @TempDir private Path folder;
  private Workshop shop = new Workshop(Path.of(""));

  @BeforeEach
  void furnish() throws IOException {
    shop = Workshop.furnished(folder);
    shop.recipe("[full]", 20);
  }

  @Test
  @Proves("spot-resilience")
  void a_run_killed_at_a_random_moment_resumes_to_the_same_bits()
      throws IOException, InterruptedException {
    long moment = new Random().nextInt(400);
    ChildRun whole = ChildRun.start(shop, "whole");
    ChildRun killed = ChildRun.start(shop, "run").awaitCheckpoint();
    Thread.sleep(moment);
    killed.process().destroyForcibly().waitFor();

    ChildRun resumed = ChildRun.start(shop, "run", "--resume");

    assertThat(resumed.finish()).isZero();
    assertThat(whole.finish()).isZero();
    assertThat(resumed.weights())
        .as("killed %d ms after its first checkpoint", moment)
        .hasSameBinaryContentAs(whole.weights());
  }

  @Test
  void a_run_asked_to_end_saves_itself_and_says_how_to_go_on()
      throws IOException, InterruptedException {
    assumeFalse(System.getProperty("os.name", "").startsWith("Windows"), "signals are of POSIX");
    ChildRun asked = ChildRun.start(shop, "run").awaitCheckpoint();
    asked.process().destroy();

    assertThat(asked.finish()).isEqualTo(143);
    assertThat(asked.said())
        .contains("stopping after the present step")
        .contains("stopped; go on by: luthier train " + shop.path("recipe.yaml"))
        .contains("--set output=" + shop.path("run") + " --resume");
    assertThat(shop.path("run/run.json")).content().contains("\"running\"");
    assertThat(shop.path("run/model")).doesNotExist();
  }
}
