package dev.luthier.tensor;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.jspecify.annotations.Nullable;

/**
 * What must happen before the engine's libraries load. The binding's settings are needed; the rest
 * only makes training faster, is left alone where the user chose otherwise, and never fails.
 */
final class Boot {
  /**
   * How many generated kernels the engine keeps. Batches of ever new lengths need ever new ones,
   * each of which takes half a megabyte; the engine's own bound of 1024 is half a gigabyte, and no
   * faster, since a kernel is made in a fifth of a millisecond.
   */
  private static final String KERNELS_KEPT = "128";

  /** What the program's launcher asks of the C library; anything else is the user's choice. */
  private static final String LAUNCHERS_TUNABLES = "glibc.malloc.tcache_count=0";

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
    Map<String, String> environment = machine.environment();
    Set<String> chosen = environment.keySet();
    if (!chosen.contains("GOMP_SPINCOUNT") && !chosen.contains("OMP_WAIT_POLICY")) {
      quietly(() -> setEnvironment("GOMP_SPINCOUNT", "10000"));
    }
    if (!chosen.contains("ONEDNN_PRIMITIVE_CACHE_CAPACITY")) {
      quietly(() -> setEnvironment("ONEDNN_PRIMITIVE_CACHE_CAPACITY", KERNELS_KEPT));
    }
    String tunables = environment.getOrDefault("GLIBC_TUNABLES", LAUNCHERS_TUNABLES);
    if (tunables.equals(LAUNCHERS_TUNABLES)
        && chosen.stream().noneMatch(k -> k.startsWith("MALLOC_"))) {
      quietly(FreedMemory::keep);
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
}
