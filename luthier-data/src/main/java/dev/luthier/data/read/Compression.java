package dev.luthier.data.read;

import dev.luthier.data.DataException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Whether a file is compressed, told by its first bytes, and its content. */
final class Compression {
  private Compression() {}

  static boolean isGzip(Path path) throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      return in.read() == 0x1f && in.read() == 0x8b;
    }
  }

  /** The content, decompressed where needed. */
  static InputStream open(Path path, String name) throws IOException {
    InputStream raw = new BufferedInputStream(Files.newInputStream(path), 1 << 16);
    if (!isGzip(path)) {
      return raw;
    }
    try {
      return new GZIPInputStream(raw, 1 << 16);
    } catch (ZipException e) {
      raw.close();
      throw new DataException(name + " is not a whole gzip file: " + e.getMessage(), e);
    }
  }
}
