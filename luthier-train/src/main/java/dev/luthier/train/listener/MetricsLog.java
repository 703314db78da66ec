package dev.luthier.train.listener;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.train.Finding;
import dev.luthier.train.Listener;
import dev.luthier.train.TrainingException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Writes {@code metrics.jsonl}: one JSON object per step, evaluation, finding and measurement.
 * After a resume, lines beyond the step the run goes on from are dropped, so that the file is that
 * of one uninterrupted run. {@code seconds} is what the step took, {@code time} when it ended, in
 * seconds since 1970, and {@code cpu-seconds} what all threads of the process have used up to then.
 */
public final class MetricsLog implements Listener {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;

  /** Logs into the given file. */
  public MetricsLog(Path file) {
    this.file = file;
  }

  @Override
  public void started(RunInfo run) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      List<String> kept = new ArrayList<>();
      if (Files.exists(file)) {
        for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
          if (isBefore(line, run.start())) {
            kept.add(line);
          }
        }
      }
      Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
      Files.write(temporary, kept, StandardCharsets.UTF_8);
      Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw TrainingException.unwritable(file, e);
    }
  }

  /** A line cut off by a kill is not valid JSON; it is of a step that will be made again. */
  private static boolean isBefore(String line, long start) {
    try {
      return JSON.readTree(line).path("step").asLong(Long.MAX_VALUE) <= start;
    } catch (JsonProcessingException e) {
      return false;
    }
  }

  @Override
  public Wish stepped(StepReport r) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("step", r.step() + 1);
    line.put("epoch", r.epoch());
    line.put("loss", r.loss());
    r.scalars().forEach(line::put);
    line.put("gradient-norm", r.gradientNorm());
    line.put("rate-factor", r.rateFactor());
    if (r.verdict() != Verdict.UPDATE) {
      line.put("verdict", r.verdict().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }
    line.put("examples", r.examples());
    line.put("tokens", r.tokens());
    line.put("seconds", r.nanos() / 1e9);
    line.put("time", System.currentTimeMillis() / 1e3);
    line.put("cpu-seconds", cpuSeconds());
    append(line);
    return Wish.NONE;
  }

  @Override
  public Wish evaluated(Evaluation e) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("step", e.step());
    line.put("epoch", e.epoch());
    line.put("validation", e.scores());
    append(line);
    return Wish.NONE;
  }

  @Override
  public void found(Finding f) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("step", f.step());
    line.put("epoch", f.epoch());
    line.put("finding", f.topic());
    line.put("saw", f.saw());
    line.put("try", f.remedies());
    append(line);
  }

  @Override
  public void measured(Measurement m) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("step", m.step());
    line.put("epoch", m.epoch());
    line.put("layers", m.layers());
    append(line);
  }

  /** Of all threads of this process since it began; NaN where the system does not say. */
  private static double cpuSeconds() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean os
        ? os.getProcessCpuTime() / 1e9
        : Double.NaN;
  }

  private void append(Map<String, Object> line) {
    try {
      Files.writeString(
          file,
          JSON.writeValueAsString(line) + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw TrainingException.unwritable(file, e);
    }
  }
}
