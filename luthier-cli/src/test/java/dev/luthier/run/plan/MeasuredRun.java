package dev.luthier.run.plan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Assumptions;

/**
 * How a process of its own ended.
 *
 * @param output of {@link Measured}
 * @param peak the most memory it has held, in bytes
 */
record MeasuredRun(String output, long peak) {
  private static final Percentage ALLOWED = Percentage.withPercentage(20);
  private static final List<String> OPTIONS =
      List.of("-Xmx256m", "-XX:+UseSerialGC", "-Dfile.encoding=UTF-8");

  /**
   * Plans a recipe, trains it, each in a process of its own, and requires that the memory and the
   * disk of the run are within a fifth of the plan's.
   *
   * @return the plan
   */
  static JsonNode requirePlanned(Path recipe, Path folder) throws Exception {
    Assumptions.assumeTrue(Files.isReadable(Path.of("/proc/self/status")), "needs Linux's /proc");
    JsonNode plan = new ObjectMapper().readTree(child("plan", recipe, folder).output());
    MeasuredRun run = child("train", recipe, folder);
    long disk = bytesIn(folder.resolve("run"));
    delete(folder.resolve("run"));
    assertThat(plan.at("/memory/peak").asLong()).isCloseTo(run.peak(), ALLOWED);
    assertThat(plan.at("/disk/total").asLong()).isCloseTo(disk, ALLOWED);
    return plan;
  }

  private static MeasuredRun child(String command, Path recipe, Path folder) throws Exception {
    Path out = Files.createTempFile(folder, "out", ".txt");
    Path err = Files.createTempFile(folder, "err", ".txt");
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(OPTIONS);
    line.addAll(List.of("-cp", System.getProperty("java.class.path")));
    line.addAll(List.of(Measured.class.getName(), command, recipe.toString()));
    Process process =
        new ProcessBuilder(line).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(err)).isZero();
    String text = Files.readString(out);
    int end = text.lastIndexOf(Measured.MARK);
    return new MeasuredRun(
        text.substring(0, end),
        Long.parseLong(text.substring(end + Measured.MARK.length()).strip()));
  }

  private static long bytesIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).mapToLong(f -> f.toFile().length()).sum();
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path f : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(f);
      }
    }
  }
}
