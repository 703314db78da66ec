package dev.luthier.tensor.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Safetensors files made byte by byte, right or wrong. */
final class Raw {
  private Raw() {}

  static byte[] file(String json, int dataBytes) {
    return file(json.getBytes(StandardCharsets.UTF_8), dataBytes);
  }

  static byte[] file(byte[] json, int dataBytes) {
    ByteBuffer b = ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    b.putLong(json.length).put(json);
    for (int i = 0; b.hasRemaining(); i++) {
      b.put((byte) (i + 1));
    }
    return b.array();
  }

  static Path write(Path folder, byte[] bytes) {
    try {
      return Files.write(Files.createTempFile(folder, "raw", ".safetensors"), bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
