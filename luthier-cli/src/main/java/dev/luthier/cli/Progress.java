package dev.luthier.cli;

import dev.luthier.train.Finding;
import dev.luthier.train.Listener;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * Shows a run's progress on standard error: a bar with the curve of the loss, speed and time left
 * where a person watches, a line now and then elsewhere.
 */
final class Progress implements Listener, AutoCloseable {
  private static final int LINES = 10;

  /** Of a curve beside the numbers. */
  private static final int BARS = 16;

  private final Terminal terminal;
  private final Sparkline losses = new Sparkline(BARS);
  private final Map<String, Sparkline> scores = new TreeMap<>();
  private @Nullable ProgressBar bar;
  private long steps = 1;

  Progress(Terminal terminal) {
    this.terminal = terminal;
  }

  /** Prints a line without tearing the bar. */
  void say(String line) {
    terminal.err().println(line);
  }

  @Override
  public void started(RunInfo run) {
    close(); // of a stage before
    steps = run.steps();
    String size = String.format(Locale.ROOT, "%d examples, %d steps", run.examples(), run.steps());
    say(
        run.start() > 0
            ? "going on after step " + run.start() + ": " + size
            : "training on " + size);
    if (terminal.ansi().enabled()) {
      PrintStream err =
          new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
      bar =
          new ProgressBarBuilder()
              .setTaskName("training")
              .setInitialMax(run.steps())
              .startsFrom(run.start(), java.time.Duration.ZERO)
              .setStyle(ProgressBarStyle.UNICODE_BLOCK)
              .setConsumer(new ConsoleProgressBarConsumer(err))
              .setUpdateIntervalMillis(200)
              .showSpeed()
              .setUnit(" steps", 1)
              .build();
    }
  }

  @Override
  public Wish stepped(StepReport r) {
    ProgressBar b = bar;
    losses.add(r.loss());
    if (b != null) {
      b.step();
      b.setExtraMessage(
          String.format(
              Locale.ROOT,
              " loss %.4f %s  %.0f tok/s",
              r.loss(),
              losses.text(),
              r.tokens() / (r.nanos() / 1e9)));
    } else if ((r.step() + 1) % Math.max(1, steps / LINES) == 0) {
      say(
          String.format(
              Locale.ROOT,
              "step %d/%d  epoch %.2f  loss %.4f  %.0f tokens/s",
              r.step() + 1,
              steps,
              r.epoch(),
              r.loss(),
              r.tokens() / (r.nanos() / 1e9)));
    }
    return Wish.NONE;
  }

  @Override
  public Wish evaluated(Evaluation e) {
    Map<String, Double> scores = new TreeMap<>(e.scores());
    say(
        String.format(Locale.ROOT, "after step %d, validation: ", e.step())
            + scores.entrySet().stream()
                .map(s -> score(s.getKey(), s.getValue()))
                .collect(Collectors.joining(", ")));
    return Wish.NONE;
  }

  /** A score, and where a person watches, how it went so far. */
  private String score(String name, double value) {
    Sparkline curve = scores.computeIfAbsent(name, n -> new Sparkline(BARS));
    curve.add(value);
    String number = String.format(Locale.ROOT, "%s %.4f", name, value);
    return terminal.ansi().enabled() ? number + " " + curve.text() : number;
  }

  @Override
  public void found(Finding finding) {
    say(
        String.format(
            Locale.ROOT,
            "after step %d, %s",
            finding.step(),
            terminal.ansi().string("@|bold,yellow " + finding.topic() + ":|@ ") + finding.saw()));
    finding.remedies().forEach(r -> say("  try " + r));
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
