package dev.luthier.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.luthier.tensor.io.TensorFileException;
import dev.luthier.tensor.io.TensorFiles;
import java.io.BufferedOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The engine in the surroundings that people run it in. Each case has a process of its own. */
class PlatformTest {
  private static final String NATIVE_ACCESS = "--enable-native-access=ALL-UNNAMED";

  @TempDir Path folder;

  private static void succeeded(ChildJvm.Result r, String out) {
    assertThat(r.err()).isEmpty();
    assertThat(r.out()).isEqualTo(out + "\n");
    assertThat(r.exit()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-XX:+UseG1GC", "-XX:+UseParallelGC", "-XX:+UseZGC"})
  void small_heap_holds_back_no_tensors_under_any_collector(String collector) {
    succeeded(
        new ChildJvm().option("-Xmx256m", collector, NATIVE_ACCESS).run(ManyTensors.class), "1200");
  }

  @Test
  void newer_java_starts_without_a_warning() {
    String homes = System.getProperty("luthier.jdks", System.getenv("LUTHIER_JDKS"));
    assumeTrue(homes != null, "name homes of other JDKs with -Dluthier.jdks=A:B");
    for (String home : homes.split(File.pathSeparator, -1)) {
      succeeded(
          new ChildJvm().home(Path.of(home)).option("-Xmx256m", NATIVE_ACCESS).run(Sum.class),
          "10.0");
    }
  }

  @Test
  void one_jar_with_everything_runs_where_the_home_folder_cannot_be_written() throws IOException {
    Path jar = folder.resolve("everything.jar");
    merge(System.getProperty("java.class.path"), jar);
    Path home = Files.createFile(folder.resolve("home"));
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    succeeded(
        new ChildJvm()
            .classPath(jar.toString())
            .option("-Duser.home=" + home, "-Djava.io.tmpdir=" + temporary, NATIVE_ACCESS)
            .run(Sum.class),
        "10.0");
    assertThat(temporary.resolve(".javacpp-" + System.getProperty("user.name"))).isDirectory();
  }

  @Test
  void two_class_loaders_of_one_process_each_have_an_engine() {
    succeeded(
        new ChildJvm()
            .option(NATIVE_ACCESS)
            .run(TwoLoaders.class, System.getProperty("java.class.path")),
        "10.0\n10.0");
  }

  @Test
  void start_that_cannot_succeed_gives_the_same_line_every_time() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    ChildJvm.Result r =
        new ChildJvm()
            .option("-Dorg.bytedeco.javacpp.cachedir=" + file.resolve("cache"), NATIVE_ACCESS)
            .run(FailsTwice.class);
    assertThat(r.err()).isEmpty();
    List<String> lines = r.out().lines().toList();
    assertThat(lines).hasSize(3);
    assertThat(Set.copyOf(lines)).hasSize(1);
    assertThat(lines.get(0))
        .startsWith("the engine's libraries cannot be unpacked")
        .contains("-Dorg.bytedeco.javacpp.cachedir=FOLDER");
  }

  @Test
  void settings_that_make_no_sense_are_named() {
    ChildJvm.Result r =
        new ChildJvm().option("-Dluthier.threads=many", NATIVE_ACCESS).run(FailsTwice.class);
    assertThat(r.out()).startsWith("luthier.threads is 'many'; it must be a number from 1\n");
    r = new ChildJvm().option("-Dluthier.float32-matmul=low", NATIVE_ACCESS).run(FailsTwice.class);
    assertThat(r.out()).startsWith("luthier.float32-matmul is 'low'");
  }

  @Test
  void file_that_outgrows_the_disk_leaves_the_old_one() throws IOException {
    assumeTrue(Machine.here().isLinux(), "limits the size of files with a POSIX shell");
    Path file = folder.resolve("model.safetensors");
    try (Scope s = Scope.open()) {
      TensorFiles.write(file, Map.of("a", Tensor.ones(DType.F32, 4)));
    }
    byte[] old = Files.readAllBytes(file);
    ChildJvm.Result r =
        new ChildJvm()
            .shell("ulimit -f 2048")
            .option(NATIVE_ACCESS)
            .run(WritesTooMuch.class, file.toString());
    assertThat(r.err()).isEmpty();
    assertThat(r.out())
        .startsWith(file + ": cannot be written: File too large")
        .contains("the file that was there is unchanged");
    assertThat(Files.readAllBytes(file)).isEqualTo(old);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  /** Makes more than a gigabyte of tensors, a little at a time. */
  static final class ManyTensors {
    public static void main(String[] args) {
      long megabytes = 0;
      for (int i = 0; i < 60; i++) {
        try (Scope s = Scope.open()) {
          Tensor a = Tensor.zeros(DType.U8, 10, 1_000_000);
          Tensor b = a.copy();
          megabytes += (a.bytes() + b.bytes()) / 1_000_000;
        }
      }
      System.out.println(megabytes);
    }
  }

  /** Adds some numbers. */
  public static final class Sum {
    public static void main(String[] args) {
      try (Scope s = Scope.open()) {
        System.out.println(Tensor.arange(5).sum().item());
      }
    }
  }

  /** Runs the sum in two class loaders that share nothing but Java. */
  static final class TwoLoaders {
    public static void main(String[] args) throws ReflectiveOperationException, IOException {
      List<URL> urls = new ArrayList<>();
      for (String p : args[0].split(File.pathSeparator, -1)) {
        urls.add(Path.of(p).toUri().toURL());
      }
      List<URLClassLoader> loaders = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        URLClassLoader loader =
            new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
        loaders.add(loader);
        loader
            .loadClass(Sum.class.getName())
            .getMethod("main", String[].class)
            .invoke(null, (Object) new String[0]);
      }
      for (URLClassLoader loader : loaders) {
        loader.close();
      }
    }
  }

  /** Prints what three attempts to use the engine say. */
  static final class FailsTwice {
    public static void main(String[] args) {
      List<Runnable> attempts =
          List.of(Engine::start, Scope::open, () -> Tensor.zeros(DType.F32, 2));
      for (Runnable attempt : attempts) {
        try {
          attempt.run();
        } catch (EngineException e) {
          System.out.println(e.getMessage());
        }
      }
    }
  }

  /** Writes 4 MB. */
  static final class WritesTooMuch {
    public static void main(String[] args) {
      try (Scope s = Scope.open()) {
        TensorFiles.write(Path.of(args[0]), Map.of("a", Tensor.ones(DType.F32, 1_000_000)));
      } catch (TensorFileException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  /** All class files and resources of a class path in one file; the first of a name wins. */
  private static void merge(String classPath, Path jar) throws IOException {
    Set<String> seen = new HashSet<>();
    try (OutputStream file = new BufferedOutputStream(Files.newOutputStream(jar), 1 << 20);
        ZipOutputStream out = new ZipOutputStream(file)) {
      out.setLevel(Deflater.NO_COMPRESSION);
      for (String part : classPath.split(File.pathSeparator, -1)) {
        Path p = Path.of(part);
        if (Files.isDirectory(p)) {
          mergeFolder(p, seen, out);
        } else if (Files.exists(p)) {
          mergeJar(p, seen, out);
        }
      }
    }
  }

  private static void mergeFolder(Path folder, Set<String> seen, ZipOutputStream out)
      throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path f : files.filter(Files::isRegularFile).toList()) {
        String name = folder.relativize(f).toString().replace(File.separatorChar, '/');
        if (seen.add(name)) {
          out.putNextEntry(new ZipEntry(name));
          Files.copy(f, out);
        }
      }
    }
  }

  private static void mergeJar(Path jar, Set<String> seen, ZipOutputStream out) throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      for (Enumeration<? extends ZipEntry> e = zip.entries(); e.hasMoreElements(); ) {
        ZipEntry entry = e.nextElement();
        if (!entry.isDirectory() && seen.add(entry.getName())) {
          out.putNextEntry(new ZipEntry(entry.getName()));
          try (InputStream in = zip.getInputStream(entry)) {
            in.transferTo(out);
          }
        }
      }
    }
  }
}
