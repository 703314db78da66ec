package dev.luthier.run;

import dev.luthier.train.TrainingException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a second process out of a run's folder while one works in it. The system drops the lock
 * with the process, so a killed run can be gone on with.
 */
final class RunLock implements AutoCloseable {
  private static final String NAME = ".lock";

  private final Path file;
  private final FileChannel channel;

  private RunLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Takes the folder, which must exist.
   *
   * @throws TrainingException if another run works in it
   */
  static RunLock hold(Path folder) throws IOException {
    Path file = folder.resolve(NAME);
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (lock(channel) == null) {
      channel.close();
      throw new TrainingException(
          "another run works in "
              + folder
              + ". Wait until it has ended, or choose another folder by --set output=FOLDER.");
    }
    return new RunLock(file, channel);
  }

  /** Whether a file is no more than the mark of such a lock. */
  static boolean isLock(Path file) {
    return file.endsWith(NAME);
  }

  private static @Nullable FileLock lock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // this very process holds it
    }
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(file);
    channel.close();
  }
}
