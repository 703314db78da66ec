package dev.luthier.tensor;

import static dev.luthier.tensor.Operation.make;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/** Where the bytes of tensors lie, and how they go from and to files without passing the heap. */
public final class Memory {
  private static final long CHUNK = 64L << 20;

  private Memory() {}

  /**
   * A range of addresses.
   *
   * @param device whose addresses
   * @param start address of the first byte
   * @param end address after the last byte; equal to the start if there are no elements
   */
  public record Extent(Device device, long start, long end) {
    /** Whether the two share a byte. */
    public boolean overlaps(Extent other) {
      return device.equals(other.device) && start < other.end && other.start < end;
    }
  }

  /** The smallest range that holds every element of a tensor. */
  public static Extent extent(Tensor t) {
    org.bytedeco.pytorch.Tensor h = t.handle();
    if (h.numel() == 0) {
      return new Extent(t.device(), 0, 0);
    }
    long start = h.data_ptr().address();
    long last = 0;
    for (long d = 0; d < h.dim(); d++) {
      last += (h.size(d) - 1) * h.stride(d);
    }
    return new Extent(t.device(), start, start + (last + 1) * t.dtype().bytes());
  }

  /**
   * The first bytes of a file as a {@code U8[bytes]} tensor that reads the file lazily. The mapping
   * is private: changing the tensor does not change the file. It lasts as long as any tensor that
   * views it. Nobody may cut the file short meanwhile; replacing it by renaming is safe.
   *
   * @param bytes how many, at least one and at most the file's length
   */
  public static Tensor map(Path file, long bytes) {
    if (bytes < 1) {
      throw new TensorException("map: " + bytes + " bytes of " + file + " cannot be mapped");
    }
    return make(
        "map",
        () ->
            torch.from_file(
                new BytePointer(file.toAbsolutePath().toString(), pathCharset()),
                new BoolOptional(false),
                new LongOptional(bytes),
                new TensorOptions(DType.U8.scalarType())));
  }

  /** Writes the elements' bytes, little-endian, in row-major order. */
  public static void write(Tensor t, WritableByteChannel out) throws IOException {
    try (Scope s = Scope.open()) {
      Tensor host = t.detach().to(Device.CPU).contiguous();
      long length = t.bytes();
      if (length == 0) {
        return;
      }
      BytePointer bytes = new BytePointer(host.handle().data_ptr());
      for (long at = 0; at < length; at += CHUNK) {
        ByteBuffer part = bytes.position(at).limit(Math.min(length, at + CHUNK)).asByteBuffer();
        while (part.hasRemaining()) {
          out.write(part);
        }
      }
    }
  }

  /**
   * Reads the bytes of elements, little-endian, in row-major order, as {@link #write} has written
   * them.
   *
   * @param position of the first byte in the file
   * @param into a contiguous tensor on the host, filled from its first element to its last
   * @throws java.io.EOFException if the file ends before the tensor is full
   */
  public static void read(FileChannel from, long position, Tensor into) throws IOException {
    if (!into.device().equals(Device.CPU) || !into.handle().is_contiguous()) {
      throw new TensorException("read: " + into.describe() + " is not contiguous host memory");
    }
    long length = into.bytes();
    try (Scope s = Scope.open()) {
      BytePointer bytes = new BytePointer(into.handle().data_ptr());
      for (long at = 0; at < length; at += CHUNK) {
        ByteBuffer part = bytes.position(at).limit(Math.min(length, at + CHUNK)).asByteBuffer();
        long here = position + at;
        while (part.hasRemaining()) {
          int n = from.read(part, here);
          if (n < 0) {
            throw new EOFException("the file ends at " + here + ", within a tensor");
          }
          here += n;
        }
      }
    }
  }

  /** The engine takes UTF-8 on Windows, and the bytes of the file system elsewhere. */
  private static Charset pathCharset() {
    boolean windows = System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows");
    String name = windows ? null : System.getProperty("sun.jnu.encoding");
    return name == null ? StandardCharsets.UTF_8 : Charset.forName(name);
  }
}
