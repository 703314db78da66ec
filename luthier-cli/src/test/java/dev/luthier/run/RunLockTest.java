package dev.luthier.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.train.TrainingException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLockTest {
  @TempDir Path folder;

  @Test
  void second_run_in_a_folder_is_refused_while_the_first_works() throws Exception {
    try (RunLock first = RunLock.hold(folder)) {
      assertThat(first).isNotNull();
      assertThatThrownBy(() -> RunLock.hold(folder))
          .isInstanceOf(TrainingException.class)
          .hasMessageContaining("another run works in " + folder);
    }
  }

  @Test
  void folder_is_free_and_without_a_trace_when_the_run_has_ended() throws Exception {
    RunLock.hold(folder).close();
    assertThat(folder).isEmptyDirectory();
    RunLock.hold(folder).close();
  }

  @Test
  void file_that_a_killed_run_left_keeps_nobody_out() throws Exception {
    Files.createFile(folder.resolve(".lock"));
    RunLock.hold(folder).close();
  }
}
