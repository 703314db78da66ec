package dev.luthier.train.checkpoint;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder that is either complete or not there. Its files are written under a temporary name,
 * forced to disk, listed with their SHA-256 in a manifest that is written last, and the folder is
 * renamed into place.
 */
public final class AtomicFolder {
  private static final String MANIFEST = "manifest.json";
  private static final ObjectMapper JSON = new ObjectMapper();

  private AtomicFolder() {}

  /** Writes files into a folder. */
  @FunctionalInterface
  public interface Content {
    /** Writes all files into the given, empty folder. */
    void writeTo(Path folder) throws IOException;
  }

  /** Writes a folder; an older one of the same name is replaced once the new one is complete. */
  public static void write(Path target, Content content) throws IOException {
    Files.createDirectories(target.toAbsolutePath().getParent());
    Path temporary = target.resolveSibling("." + target.getFileName() + ".tmp");
    delete(temporary);
    Files.createDirectory(temporary);
    try {
      content.writeTo(temporary);
      Map<String, String> sums = new TreeMap<>();
      for (Path file : files(temporary)) {
        force(file);
        sums.put(file.getFileName().toString(), sha256(file));
      }
      Path manifest = temporary.resolve(MANIFEST);
      Files.write(manifest, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(sums));
      force(manifest);
      delete(target);
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException | RuntimeException e) {
      delete(temporary);
      throw e;
    }
  }

  /** What is wrong with a folder, or null if every file is as it was written. */
  public static @Nullable String damage(Path folder) {
    try {
      Path manifest = folder.resolve(MANIFEST);
      if (!Files.isRegularFile(manifest)) {
        return "it has no " + MANIFEST + ", so it was never completed";
      }
      Map<String, String> sums =
          JSON.readValue(Files.readAllBytes(manifest), new TypeReference<Map<String, String>>() {});
      for (Map.Entry<String, String> e : sums.entrySet()) {
        Path file = folder.resolve(e.getKey());
        if (!file.normalize().startsWith(folder.normalize()) || !Files.isRegularFile(file)) {
          return e.getKey() + " is missing";
        }
        if (!sha256(file).equals(e.getValue())) {
          return e.getKey() + " is not what was written";
        }
      }
      return null;
    } catch (IOException e) {
      return "it cannot be read: " + e.getMessage();
    }
  }

  /** Deletes a folder of files, if it is there. */
  public static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path p : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(p);
      }
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> in = Files.list(folder)) {
      return in.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static void force(Path file) throws IOException {
    try (FileChannel c = FileChannel.open(file, StandardOpenOption.WRITE)) {
      c.force(true);
    }
  }

  /** The SHA-256 of a file, in hexadecimal. */
  public static String sha256(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest d = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[1 << 16];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        d.update(buffer, 0, n);
      }
      return HexFormat.of().formatHex(d.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
