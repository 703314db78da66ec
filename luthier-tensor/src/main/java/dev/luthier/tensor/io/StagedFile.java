package dev.luthier.tensor.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * A file written beside the one it will replace, safe on disk, and not yet in its place. Whatever
 * happens before {@link #commit}, the old file stays as it was; whoever has it open or mapped keeps
 * the old content afterwards too.
 */
public final class StagedFile implements AutoCloseable {
  private final Path folder;
  private final Path target;
  private final Path temporary;

  private StagedFile(Path folder, Path target, Path temporary) {
    this.folder = folder;
    this.target = target;
    this.temporary = temporary;
  }

  /** Writes the content of a file. */
  public interface Body {
    /** Writes all of it to the channel, from the start. */
    void writeTo(WritableByteChannel out) throws IOException;
  }

  /**
   * Writes the body to a temporary file in the target's folder and waits until it is on the disk.
   *
   * @param bytes how long the file will be, to be refused at once where there is no room; 0 if
   *     unknown
   * @throws TensorFileException if it cannot be written, for instance because the disk is full
   */
  public static StagedFile write(Path target, long bytes, Body body) {
    Path absolute = target.toAbsolutePath();
    Path folder = absolute.resolveSibling("").toAbsolutePath();
    Path temporary =
        folder.resolve("." + absolute.getFileName() + "." + UUID.randomUUID() + ".tmp");
    StagedFile staged = new StagedFile(folder, absolute, temporary);
    try {
      staged.requireRoom(bytes);
      try (FileChannel out =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        body.writeTo(out);
        out.force(true);
      }
      return staged;
    } catch (IOException e) {
      staged.close();
      throw staged.failed(e);
    } catch (RuntimeException | Error e) {
      staged.close();
      throw e;
    }
  }

  /** Writes a file in one go: {@link #write}, then {@link #commit}. */
  public static void replace(Path target, long bytes, Body body) {
    try (StagedFile staged = write(target, bytes, body)) {
      staged.commit();
    }
  }

  /** Puts the file in its place, replacing what was there, in one step that cannot be torn. */
  public void commit() {
    try {
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw failed(e);
    }
    try (FileChannel list = FileChannel.open(folder, StandardOpenOption.READ)) {
      list.force(true);
    } catch (IOException e) {
      // Some systems cannot open a folder; there the move itself is as safe as it gets.
    }
  }

  /** Removes the temporary file, if it was not committed. */
  @Override
  public void close() {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      // The name says what it is, and the failure that led here says more.
    }
  }

  private void requireRoom(long bytes) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new NoSuchFileException(folder.toString(), null, "there is no such folder");
    }
    long room = Files.getFileStore(folder).getUsableSpace();
    if (bytes > 0 && room < bytes) {
      throw new IOException(
          "the disk is full: " + bytes + " bytes are needed, " + room + " are free");
    }
  }

  private TensorFileException failed(IOException e) {
    String old = Files.exists(target) ? "; the file that was there is unchanged" : "";
    String reason = e.getMessage() == null ? e.toString() : e.getMessage();
    return new TensorFileException(target, "cannot be written: " + reason + old, e);
  }
}
