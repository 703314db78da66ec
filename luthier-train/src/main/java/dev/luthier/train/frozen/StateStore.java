package dev.luthier.train.frozen;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Memory;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.TrainingException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hidden states by example: in memory up to a bound, in a file beyond it.
 *
 * <p>The file belongs to this process alone: it is opened anew and, where the system allows it, has
 * no name from then on, so that nobody can cut or change it, and nothing of it is left when the
 * process is killed.
 */
final class StateStore implements AutoCloseable {
  private static final String NAME = "frozen-states.tmp";

  private final Path folder;
  private final long bound;
  private final List<Tensor> inMemory = new ArrayList<>();
  private final @Nullable Place[] places;
  private DType type = DType.F32;
  private long width;
  private long held;
  private @Nullable FileChannel file;
  private long written;

  /**
   * Where the states of an example lie.
   *
   * @param block the tensor that holds them, or null if the file does
   * @param at the first row in the tensor, or byte in the file
   */
  private record Place(@Nullable Tensor block, long at) {}

  /**
   * @param examples how many there may be
   * @param folder where the file may lie; made when it is needed
   * @param bound the most bytes that are held in memory
   */
  StateStore(int examples, Path folder, long bound) {
    this.places = new @Nullable Place[examples];
    this.folder = folder;
    this.bound = bound;
  }

  /** Whether the states of an example are there. */
  boolean has(int example) {
    return places[example] != null;
  }

  /**
   * Keeps the states of some examples.
   *
   * @param states {@code [tokens, width]}, unrecorded; belongs to the store from now on
   * @param lengths tokens of each
   */
  void put(int[] examples, int[] lengths, Tensor states) {
    type = states.dtype();
    width = states.size(1);
    boolean fits = held + states.bytes() <= bound;
    long row = states.bytes() / Math.max(1, states.size(0));
    long at = fits ? 0 : append(states);
    for (int i = 0; i < examples.length; i++) {
      places[examples[i]] = new Place(fits ? states : null, at);
      at += fits ? lengths[i] : lengths[i] * row;
    }
    if (fits) {
      inMemory.add(states.keep());
      held += states.bytes();
    }
  }

  private long append(Tensor states) {
    return onFile(
        () -> {
          FileChannel channel = open();
          long at = written;
          Memory.write(states, channel);
          written += states.bytes();
          return at;
        });
  }

  private FileChannel open() throws IOException {
    if (file == null) {
      Files.createDirectories(folder);
      Path path = folder.resolve(NAME);
      Files.deleteIfExists(path);
      file =
          FileChannel.open(
              path,
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE);
    }
    return file;
  }

  /** A tensor {@code [rows, width]} of the kept states' type, with anything in it. */
  Tensor room(long rows) {
    if (width == 0) {
      throw new IllegalStateException("nothing is kept yet");
    }
    return Tensor.zeros(type, rows, width);
  }

  /**
   * Copies the states of one example.
   *
   * @param into {@code [length, width]}, contiguous
   */
  void copy(int example, Tensor into) {
    Place place = places[example];
    if (place == null) {
      throw new IllegalStateException("nothing is kept of example " + example);
    }
    Tensor block = place.block();
    if (block != null) {
      var unused = into.copyFrom(block.narrow(0, place.at(), into.size(0)));
      return;
    }
    onFile(
        () -> {
          Memory.read(open(), place.at(), into);
          return place.at();
        });
  }

  /** Something done with the file. */
  @FunctionalInterface
  private interface Access {
    long run() throws IOException;
  }

  private long onFile(Access access) {
    try {
      return access.run();
    } catch (IOException e) {
      throw new TrainingException(
          "what the frozen layers gave could not be kept in "
              + folder
              + ": "
              + e.getMessage()
              + ". Checkpoints are intact; make room and run again with --resume, or set"
              + " train.memory.cache-frozen to false in a new run",
          e);
    }
  }

  /** Bytes that lie in memory. */
  long held() {
    return held;
  }

  /** Bytes that lie in the file. */
  long written() {
    return written;
  }

  @Override
  public void close() {
    inMemory.forEach(Tensor::close);
    inMemory.clear();
    FileChannel open = file;
    if (open != null) {
      file = null;
      onFile(
          () -> {
            open.close();
            return 0;
          });
    }
  }
}
