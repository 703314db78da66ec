package dev.luthier.tensor;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Looks at everything the native engine needs, and says how to mend what is missing. */
public final class Doctor {
  private static final Set<String> PLATFORMS =
      Set.of("linux-x86_64", "macosx-arm64", "windows-x86_64");

  /** The unpacked libraries take about 450 MB. */
  private static final long UNPACKED_BYTES = 500L << 20;

  private static final long LITTLE_MEMORY = 2L << 30;

  private final Machine machine;
  private final List<Finding> findings = new ArrayList<>();

  private Doctor(Machine machine) {
    this.machine = machine;
  }

  /** All findings about this machine; the last one is whether the engine starts. */
  public static List<Finding> examine() {
    List<Finding> findings = new ArrayList<>(examine(Machine.here()));
    Runtime java = Runtime.getRuntime();
    findings.add(memory(physicalMemory(), java.maxMemory(), java.availableProcessors()));
    try {
      findings.add(Finding.ok("engine", Engine.describe()));
    } catch (EngineException e) {
      findings.add(Finding.error("engine", String.valueOf(e.getMessage())));
    }
    return List.copyOf(findings);
  }

  /** What can be told of a machine without loading anything. */
  static List<Finding> examine(Machine machine) {
    Doctor d = new Doctor(machine);
    d.platform();
    if (machine.isLinux()) {
      d.cLibrary();
      d.cppLibrary();
    }
    d.cpu();
    d.natives();
    d.cache();
    return d.findings;
  }

  private void platform() {
    String platform = machine.platform();
    findings.add(
        PLATFORMS.contains(platform)
            ? Finding.ok("platform", platform)
            : Finding.error(
                "platform",
                "there is no tensor engine for "
                    + platform
                    + "; use Linux x86-64, macOS arm64 or Windows x86-64, or a virtual machine"));
  }

  private void cLibrary() {
    findings.add(
        machine.usesMusl()
            ? Finding.error(
                "libc",
                "this Java runs on musl (Alpine Linux), the tensor engine needs glibc; use an image"
                    + " based on Debian, Ubuntu or RHEL, for instance eclipse-temurin:17-jre")
            : Finding.ok("libc", "glibc"));
  }

  private void cppLibrary() {
    findings.add(
        machine.hasLibrary("libstdc++.so.6")
            ? Finding.ok("libstdc++", "present")
            : Finding.error(
                "libstdc++",
                "libstdc++.so.6 is missing; install it: apt-get install libstdc++6,"
                    + " or dnf install libstdc++"));
  }

  private void cpu() {
    Set<String> flags = machine.cpuFlags();
    if (flags.isEmpty()) {
      findings.add(Finding.ok("cpu", "abilities not listed by this system"));
    } else if (!flags.contains("sse4_2")) {
      findings.add(
          Finding.error(
              "cpu", "the processor is too old: it lacks SSE4.2; use one made since 2011"));
    } else if (!flags.contains("avx2")) {
      findings.add(
          Finding.warning(
              "cpu",
              "the processor lacks AVX2 (or the virtual machine hides it): several times slower;"
                  + " use one made since 2013, or the host's CPU model in the virtual machine"));
    } else {
      findings.add(Finding.ok("cpu", abilities(flags)));
    }
  }

  private static String abilities(Set<String> flags) {
    String vectors = flags.contains("avx512f") ? "AVX-512" : "AVX2";
    String bf16 = flags.contains("avx512_bf16") ? ", bfloat16 products" : "";
    String amx = hasAmx(flags) ? ", AMX matrices" : "";
    return vectors + bf16 + amx;
  }

  static boolean hasAmx(Set<String> flags) {
    return flags.stream().anyMatch(f -> f.startsWith("amx"));
  }

  private void natives() {
    String platform = machine.platform();
    String library = libraryName(platform);
    boolean gpu = machine.onClassPath().test(resource(platform + "-gpu", library));
    if (gpu) {
      findings.add(Finding.ok("libraries", "CPU and CUDA"));
    } else if (machine.onClassPath().test(resource(platform, library))) {
      findings.add(Finding.ok("libraries", "CPU (for CUDA build with -Pcuda)"));
    } else {
      findings.add(
          Finding.error(
              "libraries",
              "the engine's libraries for "
                  + platform
                  + " are not on the class path; add org.bytedeco:pytorch, openblas and javacpp"
                  + " with the classifier "
                  + platform));
    }
  }

  private static String libraryName(String platform) {
    if (platform.startsWith("windows")) {
      return "jnitorch.dll";
    }
    return platform.startsWith("macosx") ? "libjnitorch.dylib" : "libjnitorch.so";
  }

  private static String resource(String platform, String library) {
    return "org/bytedeco/pytorch/" + platform + "/" + library;
  }

  private void cache() {
    List<Path> places = machine.nativeCaches();
    @Nullable Path cache = machine.nativeCache();
    if (cache == null) {
      findings.add(
          Finding.error(
              "cache",
              "the engine's libraries cannot be unpacked, "
                  + places.get(0)
                  + " cannot be written; name a folder with -Dorg.bytedeco.javacpp.cachedir=FOLDER"));
      return;
    }
    long free = cache.toFile().getUsableSpace();
    if (free < UNPACKED_BYTES && !Machine.isFilled(cache)) {
      findings.add(
          Finding.warning(
              "cache",
              cache
                  + " has only "
                  + (free >> 20)
                  + " MB free, the engine's libraries need 500; free some, or name another folder"
                  + " with -Dorg.bytedeco.javacpp.cachedir=FOLDER"));
    } else if (!cache.equals(places.get(0))) {
      findings.add(
          Finding.warning(
              "cache",
              places.get(0)
                  + " cannot be written, the engine's libraries are unpacked into "
                  + cache
                  + "; a folder that stays: -Dorg.bytedeco.javacpp.cachedir=FOLDER"));
    } else {
      findings.add(Finding.ok("cache", cache.toString()));
    }
  }

  static Finding memory(long physical, long heap, int cores) {
    String found =
        "%d cores, %.1f GB of memory, Java heap up to %.1f GB"
            .formatted(cores, physical / 1e9, heap / 1e9);
    return physical < LITTLE_MEMORY
        ? Finding.warning("memory", found + "; fine-tuning needs 2 GB and more")
        : Finding.ok("memory", found);
  }

  private static long physicalMemory() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean os
        ? os.getTotalMemorySize()
        : Long.MAX_VALUE;
  }
}
