package dev.luthier.tensor;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.jspecify.annotations.Nullable;

/**
 * What must happen before the engine's libraries load. The binding's settings are needed; the rest
 * only makes training faster, is left alone where the user chose otherwise, and never fails.
 */
final class Boot {
  private static final int M_TRIM_THRESHOLD = -1;
  private static final int M_TOP_PAD = -2;
  private static final int M_MMAP_THRESHOLD = -3;
  private static final int M_ARENA_MAX = -8;

  private Boot() {}

  /**
   * The binding counts the memory of the whole process on every allocation, and refuses to go on at
   * four times the heap; both are wrong for tensors. Its folder for unpacked libraries is the first
   * that can be written, which it does not find out by itself.
   */
  static void configure(Machine machine) {
    System.setProperty("org.bytedeco.javacpp.maxPhysicalBytes", "0");
    System.setProperty("org.bytedeco.javacpp.maxBytes", "0");
    Path cache = machine.nativeCache();
    if (cache != null) {
      System.setProperty("org.bytedeco.javacpp.cachedir", cache.toString());
    }
  }

  /** Settings of the C library that the engine's libraries read when they load. */
  static void tune(Machine machine) {
    if (!machine.isLinux()) {
      return;
    }
    Set<String> chosen = machine.environment().keySet();
    if (!chosen.contains("GOMP_SPINCOUNT") && !chosen.contains("OMP_WAIT_POLICY")) {
      quietly(() -> setEnvironment("GOMP_SPINCOUNT", "10000"));
    }
    if (chosen.stream().noneMatch(k -> k.startsWith("MALLOC_") || k.equals("GLIBC_TUNABLES"))) {
      quietly(Boot::keepFreedMemory);
    }
  }

  private static void quietly(Runnable r) {
    try {
      r.run();
    } catch (LinkageError | RuntimeException e) {
      // It runs without, only slower; and the engine's own start reports what keeps it from
      // running.
    }
  }

  /**
   * OpenMP's threads spin after each piece of work; with the default they keep the BLAS library's
   * threads from the cores, which costs a third of the speed. Java cannot set variables of its own
   * process, so the C library is given a new list, which is never freed.
   */
  private static void setEnvironment(String name, String value) {
    Loader.load(Loader.class);
    Pointer address = Loader.addressof("environ");
    if (address == null) {
      return;
    }
    PointerPointer<Pointer> environ = new PointerPointer<>(address);
    PointerPointer<BytePointer> old = new PointerPointer<>(environ.get(0));
    List<Pointer> entries = new ArrayList<>();
    for (long i = 0; ; i++) {
      Pointer entry = old.get(i);
      if (entry == null || entry.isNull()) {
        break;
      }
      entries.add(new Pointer(entry));
    }
    entries.add(immortal(name + "=" + value));
    PointerPointer<Pointer> list =
        new PointerPointer<>(Pointer.malloc((entries.size() + 1L) * Long.BYTES));
    for (int i = 0; i < entries.size(); i++) {
      list.put(i, entries.get(i));
    }
    list.put(entries.size(), nothing());
    environ.put(0, list);
  }

  private static @Nullable Pointer nothing() {
    return null;
  }

  private static Pointer immortal(String text) {
    byte[] bytes = (text + "\0").getBytes(StandardCharsets.UTF_8);
    return new BytePointer(Pointer.malloc(bytes.length)).put(bytes);
  }

  /**
   * Large blocks normally come from the kernel and go back at once, so that every step faults its
   * activations in again and the kernel zeroes them, a seventh of a step's time. Kept blocks are
   * used again by the next step, which needs the same ones.
   */
  private static void keepFreedMemory() {
    Loader.load(openblas_nolapack.class);
    Pointer address = Loader.addressof("mallopt");
    if (address == null) {
      return;
    }
    Mallopt mallopt = new Mallopt();
    mallopt.put(address);
    if (mallopt.call(M_MMAP_THRESHOLD, 1 << 30) == 0) {
      // Older C libraries accept at most this much.
      mallopt.call(M_MMAP_THRESHOLD, 32 << 20);
    }
    mallopt.call(M_TRIM_THRESHOLD, Integer.MAX_VALUE);
    mallopt.call(M_TOP_PAD, 256 << 20);
    mallopt.call(M_ARENA_MAX, 1);
  }

  /** A C function of two ints; the binding has a caller for one that looks the same. */
  private static final class Mallopt
      extends org.bytedeco.openblas.presets.openblas_nolapack.MklDomainSetNumThreads {}
}
