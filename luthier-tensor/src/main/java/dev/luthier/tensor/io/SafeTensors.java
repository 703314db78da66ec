package dev.luthier.tensor.io;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Memory;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.tensor.TensorException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One safetensors file. */
final class SafeTensors implements TensorFile {
  private final Path file;
  private final Header header;
  private final Identity identity;
  private @Nullable Tensor mapped;
  private boolean closed;

  /** What tells one state of a file from another. */
  private record Identity(@Nullable Object key, long bytes, long modified) {
    static Identity of(Path file) throws IOException {
      BasicFileAttributes a = Files.readAttributes(file, BasicFileAttributes.class);
      return new Identity(a.fileKey(), a.size(), a.lastModifiedTime().toMillis());
    }
  }

  private SafeTensors(Path file, Header header, Identity identity) {
    this.file = file;
    this.header = header;
    this.identity = identity;
  }

  static SafeTensors open(Path file) {
    try (SeekableByteChannel in = Files.newByteChannel(file)) {
      Identity identity = Identity.of(file);
      return new SafeTensors(file, read(file, in, identity.bytes()), identity);
    } catch (IOException e) {
      throw new TensorFileException(file, "cannot be read: " + e, e);
    }
  }

  private static Header read(Path file, SeekableByteChannel in, long fileBytes) throws IOException {
    if (fileBytes < Long.BYTES) {
      throw new TensorFileException(
          file, "has " + fileBytes + " bytes, too few for a safetensors file");
    }
    byte[] prefix = bytes(file, in, Long.BYTES);
    long length = ByteBuffer.wrap(prefix).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 0 || length > Header.MAX_BYTES) {
      throw new TensorFileException(file, "is not a safetensors file" + hint(prefix));
    }
    if (length > fileBytes - Long.BYTES) {
      throw new TensorFileException(
          file,
          "the file is cut short within its header of "
              + length
              + " bytes; an interrupted download or copy? Fetch it again");
    }
    return HeaderParser.parse(file, bytes(file, in, (int) length), fileBytes);
  }

  private static byte[] bytes(Path file, SeekableByteChannel in, int n) throws IOException {
    ByteBuffer b = ByteBuffer.allocate(n);
    while (b.hasRemaining()) {
      if (in.read(b) < 0) {
        throw new TensorFileException(file, "became shorter while it was read");
      }
    }
    return b.array();
  }

  private static String hint(byte[] prefix) {
    String start = new String(prefix, StandardCharsets.ISO_8859_1);
    if (start.equals("version ")) {
      return " but the pointer that Git LFS leaves in its place; fetch it with: git lfs pull";
    }
    if (start.startsWith("PK\u0003\u0004") || start.startsWith("\u0080")) {
      return " but a pickled checkpoint; convert it to safetensors";
    }
    if (start.startsWith("GGUF")) {
      return " but a GGUF file";
    }
    return start.stripLeading().startsWith("<") ? " but a web page; fetch the file itself" : "";
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(header.tensors().keySet());
  }

  @Override
  public Map<String, String> metadata() {
    return header.metadata();
  }

  @Override
  public TensorInfo info(String name) {
    return entry(name).info();
  }

  @Override
  public Tensor tensor(String name) {
    Header.Entry e = entry(name);
    DType dtype = e.info().type().dtype();
    if (dtype == null) {
      throw new TensorFileException(
          file,
          "tensor '" + name + "' is " + e.info().type() + ", which the engine cannot compute with");
    }
    try {
      return Scope.call(
          () -> e.info().bytes() == 0 ? Tensor.zeros(dtype, e.info().shape()) : view(e, dtype));
    } catch (TensorException failure) {
      throw new TensorFileException(
          file, "tensor '" + name + "': " + failure.getMessage(), failure);
    }
  }

  private Tensor view(Header.Entry e, DType dtype) {
    long offset = header.dataStart() + e.start();
    Tensor bytes = mapped().narrow(0, offset, e.info().bytes());
    Tensor aligned = offset % dtype.bytes() == 0 ? bytes : bytes.copy();
    return aligned.viewAs(dtype).view(e.info().shape());
  }

  private synchronized Tensor mapped() {
    if (closed) {
      throw new IllegalStateException(file + " is closed");
    }
    if (mapped == null) {
      try {
        if (!Identity.of(file).equals(identity)) {
          throw new TensorFileException(file, "was changed since it was opened; open it again");
        }
      } catch (IOException e) {
        throw new TensorFileException(file, "cannot be read any more: " + e, e);
      }
      mapped = Memory.map(file, identity.bytes()).keep();
    }
    return mapped;
  }

  private Header.Entry entry(String name) {
    Header.Entry e = header.tensors().get(name);
    if (e == null) {
      throw TensorFileException.missing(file, name, names());
    }
    return e;
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (mapped != null) {
      mapped.close();
      mapped = null;
    }
  }
}
