package dev.luthier.tensor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.jspecify.annotations.Nullable;

/**
 * What the C library does with the memory of freed tensors.
 *
 * <p>It normally gives large blocks back to the kernel at once, so that every step faults its
 * activations in again and the kernel zeroes them, a seventh of a step's time. So it is told to
 * keep them. Batches of ever new shapes would then leave ever more holes that fit none of the next
 * blocks, and a long run would hold twice what a step needs; therefore all that is free is given
 * back when the process has grown by an eighth since the first steps after the last time.
 */
final class FreedMemory {
  private static final int M_MXFAST = 1;
  private static final int M_TRIM_THRESHOLD = -1;
  private static final int M_TOP_PAD = -2;
  private static final int M_MMAP_THRESHOLD = -3;
  private static final int M_ARENA_MAX = -8;

  private static final int CLOSES_BETWEEN_CHECKS = 4;

  /** Giving back may take a hundredth of the time, and faulting in again takes as much. */
  private static final long SHARE = 100;

  private static final long PAGE = 4096;
  private static final AtomicInteger CLOSES = new AtomicInteger();
  private static volatile @Nullable FreedMemory kept;

  private final TwoInts trim;
  private final FileChannel sizes;
  private final ReentrantLock lock = new ReentrantLock();
  private final ByteBuffer text = ByteBuffer.allocate(128);

  /** Zero until it has been seen how much the steps hold. */
  private long bound;

  private long trimmed = System.nanoTime();
  private long cost;

  private FreedMemory(TwoInts trim, FileChannel sizes) {
    this.trim = trim;
    this.sizes = sizes;
  }

  /** Has freed memory kept, within bounds; does nothing where the C library cannot. */
  static void keep() {
    Loader.load(openblas_nolapack.class);
    TwoInts mallopt = function("mallopt");
    TwoInts trim = function("malloc_trim");
    if (mallopt == null || trim == null) {
      return;
    }
    if (mallopt.call(M_MMAP_THRESHOLD, 1 << 30) == 0) {
      // Older C libraries accept at most this much.
      mallopt.call(M_MMAP_THRESHOLD, 32 << 20);
    }
    mallopt.call(M_TRIM_THRESHOLD, Integer.MAX_VALUE);
    mallopt.call(M_TOP_PAD, 256 << 20);
    mallopt.call(M_ARENA_MAX, 1);
    // Small freed blocks join their neighbours at once, instead of keeping large ones apart.
    mallopt.call(M_MXFAST, 0);
    try {
      kept = new FreedMemory(trim, FileChannel.open(Path.of("/proc/self/statm")));
    } catch (IOException e) {
      // Without /proc nobody knows how much there is; the blocks are kept all the same.
    }
  }

  private static @Nullable TwoInts function(String name) {
    Pointer address = Loader.addressof(name);
    if (address == null) {
      return null;
    }
    TwoInts function = new TwoInts();
    function.put(address);
    return function;
  }

  /** To be called when a thread holds no scope any more, which is between steps. */
  static void outermostScopeClosed() {
    FreedMemory memory = kept;
    if (memory != null && CLOSES.incrementAndGet() % CLOSES_BETWEEN_CHECKS == 0) {
      memory.check();
    }
  }

  private void check() {
    if (!lock.tryLock()) {
      return;
    }
    try {
      long resident = resident();
      long now = System.nanoTime();
      if (bound == 0) {
        bound = resident + resident / 8;
      } else if (resident > bound && now - trimmed >= SHARE * cost) {
        trim.call(0, 0);
        trimmed = System.nanoTime();
        cost = trimmed - now;
        bound = 0;
      }
    } catch (IOException e) {
      kept = null;
    } finally {
      lock.unlock();
    }
  }

  /** Bytes of physical memory; the second number of the file, in pages. */
  private long resident() throws IOException {
    text.clear();
    sizes.read(text, 0);
    String[] numbers =
        new String(text.array(), 0, text.position(), StandardCharsets.US_ASCII).split(" ", 3);
    return Long.parseLong(numbers[1]) * PAGE;
  }

  /** A C function of two ints; the binding has a caller for one that looks the same. */
  private static final class TwoInts
      extends org.bytedeco.openblas.presets.openblas_nolapack.MklDomainSetNumThreads {}
}
