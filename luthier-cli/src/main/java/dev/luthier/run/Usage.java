package dev.luthier.run;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this process has used of the machine. */
public final class Usage {
  private final long begun = System.nanoTime();
  private final double cpuBefore = cpuSeconds();

  /** Seconds since this object was made. */
  double wallSeconds() {
    return (System.nanoTime() - begun) / 1e9;
  }

  /** Busy seconds of all cores since this object was made. */
  double cpuUsed() {
    return cpuSeconds() - cpuBefore;
  }

  /** Busy seconds of all cores since the process began. */
  public static double cpuSeconds() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean os
        ? os.getProcessCpuTime() / 1e9
        : Double.NaN;
  }

  /** The most memory the process has held, in bytes; 0 where the system does not say. */
  static long peakBytes() {
    return status("VmHWM");
  }

  /** The memory the process holds now, in bytes; 0 where the system does not say. */
  static long residentBytes() {
    return status("VmRSS");
  }

  private static long status(String key) {
    Path status = Path.of("/proc/self/status");
    try {
      if (Files.isReadable(status)) {
        for (String line : Files.readAllLines(status)) {
          if (line.startsWith(key + ":")) {
            return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
          }
        }
      }
    } catch (IOException e) {
      return 0;
    }
    return 0;
  }

  /** Bytes of all files in a folder. */
  static long bytesIn(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      long sum = 0;
      for (Path p : files.filter(Files::isRegularFile).toList()) {
        sum += Files.size(p);
      }
      return sum;
    }
  }
}
