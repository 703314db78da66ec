package dev.luthier.data.read;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The database's library, 60 MB, which its driver unpacks into the folder for temporary files each
 * time a process first uses it, and deletes when the process ends in an orderly way. A killed one
 * would leave it there. Where a file in use can be deleted it is therefore deleted at once.
 */
final class UnpackedDriver {
  private static final Path MAPPED = Path.of("/proc/self/maps");
  private static final Pattern FILE = Pattern.compile("(/\\S.*/libduckdb_java\\d+\\.so)$");

  private UnpackedDriver() {}

  /** Deletes the file, once the library is loaded; does nothing where the system does not say. */
  static void delete() {
    try {
      for (String line : mappings()) {
        Matcher file = FILE.matcher(line);
        if (file.find()) {
          Files.deleteIfExists(Path.of(file.group(1)));
        }
      }
    } catch (IOException e) {
      // The driver deletes it at the end.
    }
  }

  private static List<String> mappings() throws IOException {
    return Files.isReadable(MAPPED)
        ? Files.readAllLines(MAPPED, StandardCharsets.ISO_8859_1)
        : List.of();
  }
}
