package dev.luthier.data.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnpackedDriverTest {
  private static final Path MAPPED = Path.of("/proc/self/maps");

  @Test
  void library_of_the_database_is_no_file_any_more_once_it_is_loaded() throws Exception {
    assumeTrue(Files.isReadable(MAPPED), "only Linux says which files a process has mapped");
    try (Session session = new Session(Path.of("none.csv").toAbsolutePath())) {
      assertThat(session.texts("SELECT 'works'")).containsExactly("works");
    }
    List<String> library =
        Files.readAllLines(MAPPED, StandardCharsets.ISO_8859_1).stream()
            .filter(l -> l.contains("libduckdb_java"))
            .toList();
    assertThat(library).isNotEmpty().allMatch(l -> l.endsWith("(deleted)"));
  }
}
