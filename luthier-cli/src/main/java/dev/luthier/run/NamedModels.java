package dev.luthier.run;

import dev.luthier.train.ModelFolder;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The models beside the base that a technique names, such as the teacher of a distillation. */
final class NamedModels {
  private NamedModels() {}

  /**
   * The base model's fingerprint, and with it that of the files of what the technique names, at
   * whatever depth; the base model's alone where it names none.
   *
   * @param folder what relative paths are relative to
   */
  static String fingerprint(Object technique, Path folder, String base) {
    List<Path> named = new ArrayList<>();
    collect(technique, named);
    if (named.isEmpty()) {
      return base;
    }
    try {
      MessageDigest d = MessageDigest.getInstance("SHA-256");
      d.update(base.getBytes(StandardCharsets.UTF_8));
      for (Path path : named) {
        for (Path file : files(folder.resolve(path))) {
          d.update(file.getFileName().toString().getBytes(StandardCharsets.UTF_8));
          try (OutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), d)) {
            Files.copy(file, out);
          }
        }
      }
      return HexFormat.of().formatHex(d.digest());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static void collect(@Nullable Object value, List<Path> named) {
    if (value instanceof Path path) {
      named.add(path);
    } else if (value instanceof Iterable<?> items) {
      items.forEach(item -> collect(item, named));
    } else if (value instanceof Record technique) {
      for (RecordComponent part : technique.getClass().getRecordComponents()) {
        collect(read(part, technique), named);
      }
    }
  }

  private static @Nullable Object read(RecordComponent part, Record of) {
    try {
      part.getAccessor().setAccessible(true);
      return part.getAccessor().invoke(of);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(part + " cannot be read", e);
    }
  }

  /** The files of a model's folder, or of the model in a run's folder, by name. */
  private static List<Path> files(Path named) throws IOException {
    Path model = ModelFolder.of(named);
    if (!Files.isDirectory(model)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(model)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }
}
