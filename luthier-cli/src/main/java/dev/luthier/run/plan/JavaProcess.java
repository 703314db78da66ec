package dev.luthier.run.plan;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.List;
import java.util.Locale;

/**
 * What the process holds besides tensors.
 *
 * @param program the virtual machine, the engine's libraries and their own buffers
 * @param heap the part of the Java heap that a run touches
 * @param maxHeap the most the heap may grow to
 */
record JavaProcess(long program, long heap, long maxHeap) {
  private static final long MIB = 1 << 20;

  /**
   * Measured: what a run of a network too small to matter holds, less the heap (Java 17, the
   * engine's libraries for processors without a GPU, Linux on x86-64). Classes and compiled code
   * are some 70 MiB of it, touched pages of the engine's libraries 130 MiB; the rest are the
   * buffers and kernels that the libraries make for themselves.
   */
  private static final long PROGRAM = 340 * MIB;

  /** Under the options this process was started with, which a run is taken to be started with. */
  static JavaProcess here() {
    Runtime runtime = Runtime.getRuntime();
    return new JavaProcess(PROGRAM, Math.min(touched(), runtime.maxMemory()), runtime.maxMemory());
  }

  /**
   * A run draws its dropout masks on the heap, so that the young generation is soon used from end
   * to end; the old one holds the data. Collectors that have no generations of fixed size touch
   * what they have reserved.
   */
  private static long touched() {
    List<MemoryPoolMXBean> pools =
        ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(p -> p.getType() == MemoryType.HEAP)
            .toList();
    boolean fixed =
        pools.stream().map(MemoryPoolMXBean::getName).anyMatch(n -> n.matches("(PS )?Eden Space"));
    if (!fixed) {
      return Runtime.getRuntime().totalMemory();
    }
    long sum = 0;
    for (MemoryPoolMXBean p : pools) {
      String name = p.getName().toLowerCase(Locale.ROOT);
      boolean young = name.contains("eden");
      sum += young ? p.getUsage().getCommitted() : p.getPeakUsage().getUsed();
    }
    return sum;
  }
}
