package dev.luthier.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.luthier.train.checkpoint.AtomicFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FullDiskTest {
  private static final Path PRLIMIT = Path.of("/usr/bin/prlimit");

  /** Less than a checkpoint's tensors take, more than what else a step writes. */
  private static final int ROOM = 16 << 10;

  @Test
  void a_run_without_room_for_its_next_checkpoint_says_so_and_goes_on_when_there_is_room(
      @TempDir Path folder) throws IOException, InterruptedException {
    assumeTrue(Files.isExecutable(PRLIMIT), "limits the files of a process with Linux's prlimit");
    Workshop shop = Workshop.furnished(folder);
    shop.recipe("[full]", 20);
    ChildRun whole = ChildRun.start(shop, "whole");
    ChildRun full = ChildRun.start(shop, "run").awaitCheckpoint();
    limitFiles(full.process());

    assertThat(full.finish()).as(full.said()).isEqualTo(ExitCode.MENDABLE);

    Path checkpoints = shop.path("run/checkpoints");
    assertThat(full.said())
        .containsPattern("the checkpoint of step \\d+ could not be saved in " + checkpoints)
        .contains("cannot be written: File too large")
        .contains("Earlier checkpoints are intact; make room and run again with --resume.")
        .doesNotContain("\tat ");
    assertThat(full.checkpoints())
        .isNotEmpty()
        .allSatisfy(at -> assertThat(AtomicFolder.damage(at)).isNull());
    try (Stream<Path> all = Files.list(checkpoints)) {
      assertThat(all).as("nothing half written is left").hasSameSizeAs(full.checkpoints());
    }

    ChildRun resumed = ChildRun.start(shop, "run", "--resume");

    assertThat(resumed.finish()).as(resumed.said()).isZero();
    assertThat(whole.finish()).isZero();
    assertThat(resumed.weights()).hasSameBinaryContentAs(whole.weights());
  }

  private static void limitFiles(Process process) throws IOException, InterruptedException {
    String pid = "--pid=" + process.pid();
    int code =
        new ProcessBuilder(PRLIMIT.toString(), pid, "--fsize=" + ROOM)
            .inheritIO()
            .start()
            .waitFor();
    assertThat(code).isZero();
  }
}
