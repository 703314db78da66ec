package dev.luthier.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorTest {
  @TempDir Path root;
  private final Map<String, String> properties = new HashMap<>();
  private final Map<String, String> environment = new HashMap<>();
  private boolean hasNatives = true;

  @BeforeEach
  void a_good_machine() throws IOException {
    properties.put("os.name", "Linux");
    properties.put("os.arch", "amd64");
    properties.put("user.home", root.resolve("home").toString());
    properties.put("java.io.tmpdir", root.resolve("tmp").toString());
    properties.put("user.name", "someone");
    write("proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu sse4_2 avx2 avx512f avx512_bf16\n");
    write("proc/self/maps", "7f00 r-xp 00 08:01 /usr/lib/x86_64-linux-gnu/libc.so.6\n");
    write("lib/x86_64-linux-gnu/libstdc++.so.6", "");
  }

  private void write(String file, String text) throws IOException {
    Files.createDirectories(root.resolve(file).getParent());
    Files.writeString(root.resolve(file), text);
  }

  private Machine machine() {
    return new Machine(
        root,
        properties,
        environment,
        r -> hasNatives && r.equals("org/bytedeco/pytorch/linux-x86_64/libjnitorch.so"));
  }

  private Finding find(String subject) {
    return Doctor.examine(machine()).stream()
        .filter(f -> f.subject().equals(subject))
        .findFirst()
        .orElseThrow();
  }

  private void expect(String subject, Finding.Level level, String... parts) {
    Finding f = find(subject);
    assertThat(f.level()).isEqualTo(level);
    assertThat(f.message()).contains(parts).doesNotContain("\n");
  }

  @Test
  void good_machine_is_found_good() {
    assertThat(Doctor.examine(machine())).allMatch(f -> f.level() == Finding.Level.OK);
    expect("cpu", Finding.Level.OK, "AVX-512, bfloat16 products");
  }

  @Test
  void this_machine_is_good_enough_to_run_this_test() {
    assertThat(Doctor.examine()).noneMatch(f -> f.level() == Finding.Level.ERROR);
    assertThat(Doctor.examine()).extracting(Finding::subject).contains("memory", "engine");
  }

  @Test
  void platform_without_an_engine_is_named() {
    properties.put("os.arch", "aarch64");
    expect("platform", Finding.Level.ERROR, "linux-arm64", "use Linux x86-64");
  }

  @Test
  void platforms_with_an_engine_are_known_by_all_their_names() {
    for (String[] p :
        List.of(
            new String[] {"Linux", "x86_64"},
            new String[] {"Mac OS X", "aarch64"},
            new String[] {"Windows 11", "amd64"})) {
      properties.put("os.name", p[0]);
      properties.put("os.arch", p[1]);
      assertThat(find("platform").level()).isEqualTo(Finding.Level.OK);
    }
  }

  @Test
  void java_on_musl_is_told_to_change_the_image() throws IOException {
    write("proc/self/maps", "7f00 r-xp 00 08:01 /lib/ld-musl-x86_64.so.1\n");
    expect("libc", Finding.Level.ERROR, "musl (Alpine Linux)", "eclipse-temurin:17-jre");
    Files.delete(root.resolve("proc/self/maps"));
    assertThat(find("libc").level()).isEqualTo(Finding.Level.OK);
    write("lib/ld-musl-x86_64.so.1", "");
    assertThat(find("libc").level()).isEqualTo(Finding.Level.ERROR);
  }

  @Test
  void missing_libstdcpp_is_named_with_the_package_that_has_it() throws IOException {
    Files.delete(root.resolve("lib/x86_64-linux-gnu/libstdc++.so.6"));
    expect("libstdc++", Finding.Level.ERROR, "apt-get install libstdc++6");
    environment.put("LD_LIBRARY_PATH", ":" + root.resolve("opt"));
    write("opt/libstdc++.so.6", "");
    assertThat(find("libstdc++").level()).isEqualTo(Finding.Level.OK);
    environment.clear();
    write("etc/ld.so.cache", "glibc-ld.so.cache\0libstdc++.so.6\0/odd/place/libstdc++.so.6\0");
    assertThat(find("libstdc++").level()).isEqualTo(Finding.Level.OK);
  }

  @Test
  void old_processor_is_a_warning_and_a_very_old_one_an_error() throws IOException {
    write("proc/cpuinfo", "flags : fpu sse4_2 avx\n");
    expect("cpu", Finding.Level.WARNING, "lacks AVX2");
    write("proc/cpuinfo", "flags : fpu sse2\n");
    expect("cpu", Finding.Level.ERROR, "lacks SSE4.2");
    Files.delete(root.resolve("proc/cpuinfo"));
    assertThat(find("cpu").level()).isEqualTo(Finding.Level.OK);
  }

  @Test
  void libraries_that_are_not_on_the_class_path_are_named() {
    hasNatives = false;
    expect("libraries", Finding.Level.ERROR, "linux-x86_64", "org.bytedeco:pytorch");
  }

  @Test
  void home_that_cannot_be_written_is_replaced_by_the_temporary_folder() throws IOException {
    write("home", "not a folder");
    expect("cache", Finding.Level.WARNING, root.resolve("home").toString(), "javacpp-someone");
    assertThat(machine().nativeCache()).isEqualTo(root.resolve("tmp/.javacpp-someone/cache"));
  }

  @Test
  void process_without_a_home_uses_the_temporary_folder() {
    properties.put("user.home", "?");
    assertThat(machine().nativeCache()).isEqualTo(root.resolve("tmp/.javacpp-someone/cache"));
  }

  @Test
  void nowhere_to_unpack_is_an_error_that_names_the_setting() throws IOException {
    write("home", "not a folder");
    write("tmp", "not a folder");
    expect("cache", Finding.Level.ERROR, "-Dorg.bytedeco.javacpp.cachedir=FOLDER");
    properties.put("org.bytedeco.javacpp.cachedir", root.resolve("mine").toString());
    assertThat(find("cache").level()).isEqualTo(Finding.Level.OK);
  }

  @Test
  void little_memory_is_a_warning() {
    assertThat(Doctor.memory(1L << 30, 1L << 28, 2).level()).isEqualTo(Finding.Level.WARNING);
    assertThat(Doctor.memory(8L << 30, 1L << 31, 2).message()).startsWith("2 cores, 8.6 GB");
  }

  @Test
  void products_of_float32_matrices_are_rounded_only_if_asked_for() throws IOException {
    assertThat(Engine.matmulPrecision(machine())).isEqualTo("medium");
    write("proc/cpuinfo", "flags : sse4_2 avx2 avx512f amx_bf16 amx_tile\n");
    assertThat(Engine.matmulPrecision(machine())).isEqualTo("highest");
    properties.put("luthier.float32-matmul", "medium");
    assertThat(Engine.matmulPrecision(machine())).isEqualTo("medium");
    Files.delete(root.resolve("proc/cpuinfo"));
    properties.remove("luthier.float32-matmul");
    assertThat(Engine.matmulPrecision(machine())).isEqualTo("highest");
  }

  @Test
  void failures_of_the_linker_become_one_line_that_mends_them() {
    assertThat(explain("/c/libjnitorch.so: libgomp.so.1: cannot open shared object file: No such"))
        .isEqualTo("libgomp.so.1 is missing; install the system's package that has it");
    assertThat(explain("Native Library /x already loaded in another classloader"))
        .contains("already loaded by another class loader");
    assertThat(explain("odd\nmore")).endsWith("cannot be loaded: odd");
  }

  private String explain(String linker) {
    return Engine.explain(
        machine(), new ExceptionInInitializerError(new UnsatisfiedLinkError(linker)));
  }
}
