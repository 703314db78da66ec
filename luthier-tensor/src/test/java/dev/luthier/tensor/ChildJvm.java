package dev.luthier.tensor;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Runs a main class in a Java process of its own. */
public final class ChildJvm {
  private static final int LIMIT_SECONDS = 300;

  private Path home = Path.of(System.getProperty("java.home"));
  private String classPath = System.getProperty("java.class.path");
  private final List<String> options = new ArrayList<>();
  private final List<String> prefix = new ArrayList<>();
  private final Map<String, String> environment = new TreeMap<>();

  /** How it ended. */
  public record Result(int exit, String out, String err) {}

  public ChildJvm() {
    option("-Dluthier.threads=1", "-XX:-UsePerfData");
  }

  public ChildJvm home(Path jdk) {
    home = jdk;
    return this;
  }

  public ChildJvm classPath(String path) {
    classPath = path;
    return this;
  }

  public ChildJvm option(String... more) {
    options.addAll(List.of(more));
    return this;
  }

  public ChildJvm environment(String name, String value) {
    environment.put(name, value);
    return this;
  }

  /** Commands of a POSIX shell that run before Java, in the same process. */
  public ChildJvm shell(String commands) {
    prefix.addAll(List.of("sh", "-c", commands + "; exec \"$@\"", "sh"));
    return this;
  }

  public Result run(Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>(prefix);
    command.add(home.resolve("bin").resolve("java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", classPath, main.getName()));
    command.addAll(List.of(arguments));
    try {
      File out = Files.createTempFile("child", ".out").toFile();
      File err = Files.createTempFile("child", ".err").toFile();
      ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(out).redirectError(err);
      builder.environment().keySet().removeIf(k -> k.matches("JAVA_TOOL_OPTIONS|OMP_.*|GOMP_.*"));
      builder.environment().putAll(environment);
      Process process = builder.start();
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
      Result result =
          new Result(
              process.exitValue(), Files.readString(out.toPath()), Files.readString(err.toPath()));
      Files.delete(out.toPath());
      Files.delete(err.toPath());
      return result;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
