package dev.luthier.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFolderTest {
  @TempDir private Path folder;

  @Test
  void a_run_stands_for_the_model_in_it_and_a_model_for_itself() throws IOException {
    Path run = folder.resolve("run");
    Files.createDirectories(run.resolve("model"));
    assertThat(ModelFolder.of(run)).as("no model lies there").isEqualTo(run);
    Files.writeString(run.resolve("model/config.json"), "{}");
    assertThat(ModelFolder.of(run)).isEqualTo(run.resolve("model"));
    assertThat(ModelFolder.of(run.resolve("model"))).isEqualTo(run.resolve("model"));
    Files.writeString(run.resolve("config.json"), "{}");
    assertThat(ModelFolder.of(run)).as("a model itself, whatever it holds").isEqualTo(run);
  }
}
