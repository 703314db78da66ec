package dev.luthier.tensor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The machine as the checks see it, so that they can be shown another one.
 *
 * @param root of the file system
 * @param properties of Java
 * @param environment variables of the process
 * @param onClassPath whether a resource is there
 */
record Machine(
    Path root,
    Map<String, String> properties,
    Map<String, String> environment,
    Predicate<String> onClassPath) {
  private static final String CACHE_PROPERTY = "org.bytedeco.javacpp.cachedir";
  private static final String LINKER_CACHE = "etc/ld.so.cache";
  private static final List<String> LIBRARY_FOLDERS =
      List.of("lib64", "usr/lib64", "lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu", "usr/lib");

  /** This machine. */
  static Machine here() {
    Map<String, String> properties = new HashMap<>();
    System.getProperties().stringPropertyNames().forEach(k -> properties.put(k, property(k)));
    return new Machine(
        Path.of("/"),
        properties,
        System.getenv(),
        name -> Machine.class.getClassLoader().getResource(name) != null);
  }

  private static String property(String key) {
    return System.getProperty(key, "");
  }

  boolean isLinux() {
    return os().equals("linux");
  }

  /** Operating system and processor, for instance {@code linux-x86_64}. */
  String platform() {
    String arch = properties.getOrDefault("os.arch", "").toLowerCase(Locale.ROOT);
    String processor =
        switch (arch) {
          case "amd64", "x86_64", "x86-64" -> "x86_64";
          case "aarch64", "arm64" -> "arm64";
          default -> arch;
        };
    return os() + "-" + processor;
  }

  private String os() {
    String name = properties.getOrDefault("os.name", "").toLowerCase(Locale.ROOT);
    if (name.startsWith("mac") || name.startsWith("darwin")) {
      return "macosx";
    }
    return name.startsWith("windows") ? "windows" : name;
  }

  /** The processor's abilities as Linux names them; empty if unknown. */
  Set<String> cpuFlags() {
    for (String line : read("proc/cpuinfo").split("\n", -1)) {
      if (line.startsWith("flags")) {
        return Set.copyOf(Arrays.asList(line.substring(line.indexOf(':') + 1).strip().split(" +")));
      }
    }
    return Set.of();
  }

  /** Whether AMD made the processor; false if unknown. */
  boolean isAmd() {
    return read("proc/cpuinfo").contains("AuthenticAMD");
  }

  /** Whether this Java runs on the C library of Alpine Linux. */
  boolean usesMusl() {
    String loaded = read("proc/self/maps");
    return loaded.isEmpty()
        ? Files.exists(root.resolve("lib/ld-musl-x86_64.so.1"))
        : loaded.contains("/ld-musl-");
  }

  /** Whether the linker would find a library of this name. */
  boolean hasLibrary(String name) {
    List<String> folders = new ArrayList<>(LIBRARY_FOLDERS);
    folders.addAll(Arrays.asList(environment.getOrDefault("LD_LIBRARY_PATH", "").split(":", -1)));
    boolean found =
        folders.stream()
            .filter(f -> !f.isEmpty())
            .anyMatch(f -> Files.exists(root.resolve(f).resolve(name)));
    return found || read(LINKER_CACHE).contains(name);
  }

  /** Where the native libraries can be unpacked; null if nowhere. */
  @Nullable Path nativeCache() {
    return nativeCaches().stream().filter(Machine::canWrite).findFirst().orElse(null);
  }

  /** The places that are tried, best first; only the first if the user named it. */
  List<Path> nativeCaches() {
    String wanted = properties.get(CACHE_PROPERTY);
    if (wanted != null && !wanted.isEmpty()) {
      return List.of(Path.of(wanted));
    }
    String user = properties.getOrDefault("user.name", "user");
    Path temporary =
        Path.of(properties.getOrDefault("java.io.tmpdir", "."), ".javacpp-" + user, "cache");
    String home = properties.getOrDefault("user.home", "?");
    return home.isEmpty() || home.equals("?")
        ? List.of(temporary)
        : List.of(Path.of(home, ".javacpp", "cache"), temporary);
  }

  /** Whether the engine's libraries seem to lie in a cache folder already. */
  static boolean isFilled(Path cache) {
    try (Stream<Path> entries = Files.list(cache)) {
      return entries.anyMatch(e -> e.getFileName().toString().startsWith("pytorch-"));
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean canWrite(Path folder) {
    try {
      Files.createDirectories(folder);
      Files.delete(Files.createTempFile(folder, "check", null));
      return true;
    } catch (IOException | SecurityException e) {
      return false;
    }
  }

  private String read(String file) {
    try {
      return Files.readString(root.resolve(file), StandardCharsets.ISO_8859_1);
    } catch (IOException | SecurityException e) {
      return "";
    }
  }
}
