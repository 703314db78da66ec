package dev.luthier.train.listener;

import dev.luthier.train.Finding;
import dev.luthier.train.Gradients;
import dev.luthier.train.Listener;
import dev.luthier.train.NonFiniteException;
import dev.luthier.train.Watched;
import dev.luthier.train.diagnosis.Divergence;
import dev.luthier.train.diagnosis.Oscillation;
import dev.luthier.train.diagnosis.Spike;
import dev.luthier.train.listener.Instability.Then;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Keeps count for {@link Instability} over one run. */
final class SpikeWatch implements Listener {
  private static final String TOPIC = "instability";
  private static final int ROWS_SHOWN = 8;

  private final Instability spec;
  private final Watched run;

  /** The last losses and gradient norms that were no spikes. */
  private final Recent losses;

  private final Recent norms;

  /** The losses that the run began with. */
  private final Recent first = new Recent("first", Integer.MAX_VALUE);

  /** Means over successive windows, for divergence. */
  private final Recent means = new Recent("mean", Integer.MAX_VALUE);

  private double inRow;
  private double seen;

  /** The step after which a spike was last told, where every one would be too many. */
  private double told = Double.NEGATIVE_INFINITY;

  private double saidSwings;
  private double saidDivergence;
  private String reason = "";

  /** Loss and gradient norm of a batch that is no spike, until the step is over. */
  private double @Nullable [] sound;

  SpikeWatch(Instability spec, Watched run) {
    this.spec = spec;
    this.run = run;
    this.losses = new Recent("loss", spec.window());
    this.norms = new Recent("norm", spec.window());
  }

  @Override
  public Verdict judged(Attempt a) {
    double norm = a.gradients().norm();
    String what = spike(a, norm);
    if (what.isEmpty()) {
      sound = new double[] {a.loss(), norm};
      return Verdict.UPDATE;
    }
    return spiked(a, what);
  }

  @Override
  public Verdict judgedAgain(Attempt a) {
    sound = null;
    NonFiniteException failure = a.failure();
    return failure == null ? Verdict.UPDATE : spiked(a, failure.what() + " was not finite");
  }

  private Verdict spiked(Attempt a, String what) {
    if (spec.then() == Then.WARN) {
      return warned(a, what);
    }
    inRow++;
    if (inRow >= spec.most()) {
      reason = "%.0f spikes in a row, the last because %s".formatted(inRow, what);
      say(a.step(), a.epoch(), what + ", the last of " + spec.most() + " in a row. The run ends.");
      return Verdict.STOP;
    }
    reason = what;
    say(a.step(), a.epoch(), what + ". " + done() + rows(a.rows()));
    return Verdict.valueOf(spec.then().name());
  }

  /** What stands out, or nothing. */
  private String spike(Attempt a, double norm) {
    NonFiniteException failure = a.failure();
    if (failure != null) {
      return failure.what() + " was not finite";
    }
    if (losses.size() < spec.warmUp()) {
      return "";
    }
    double height = Spike.height(losses.values(), a.loss());
    if (height > spec.threshold() && Spike.matters(first.values(), a.loss())) {
      return words("the loss", a.loss(), height);
    }
    double steep = spec.gradients() ? Spike.height(norms.values(), norm) : 0;
    return steep > spec.threshold() ? words("the gradient's norm", norm, steep) : "";
  }

  private static String words(String what, double value, double height) {
    return String.format(
        Locale.ROOT,
        "%s of %.4g stands %.1f deviations above those before it",
        what,
        value,
        height);
  }

  private String done() {
    return switch (spec.then()) {
      case WARN -> "";
      case SKIP -> "The batch was left out.";
      case ROLL_BACK -> "Weights and optimizer go back to the newest checkpoint.";
      case STOP -> "The run ends with the weights before it.";
    };
  }

  private static String rows(List<Long> rows) {
    return rows.isEmpty()
        ? ""
        : " Rows "
            + rows.subList(0, Math.min(ROWS_SHOWN, rows.size()))
            + (rows.size() > ROWS_SHOWN ? " and " + (rows.size() - ROWS_SHOWN) + " more" : "")
            + " of the training data.";
  }

  /** The loss counts as one of those before the next, so that a new level is not told forever. */
  private Verdict warned(Attempt a, String what) {
    if (a.failure() == null) {
      losses.add(a.loss());
      norms.add(a.gradients().norm());
      if (a.step() - told >= spec.window()) {
        told = a.step();
        say(a.step(), a.epoch(), what + "." + rows(a.rows()));
      }
    }
    return Verdict.UPDATE;
  }

  @Override
  public boolean rollsBack() {
    return spec.then() == Then.ROLL_BACK;
  }

  /** Counts a batch that was no spike among those before the next. */
  private void count() {
    double[] batch = sound;
    if (batch != null) {
      if (losses.size() < spec.warmUp()) {
        first.add(batch[0]);
      }
      inRow = 0;
      losses.add(batch[0]);
      norms.add(batch[1]);
      sound = null;
    }
  }

  @Override
  public boolean refuses() {
    return spec.refuses();
  }

  @Override
  public Wish stepped(StepReport r) {
    if (run.spec().memory().updateInBackward()) { // Nobody was asked before the update.
      var unused =
          judged(new Attempt(r.step(), r.epoch(), r.loss(), Gradients.none(), List.of(), null));
    }
    count();
    if (r.verdict() != Verdict.UPDATE) {
      return Wish.NONE;
    }
    seen++;
    if (seen % spec.window() == 0) {
      lookBack(r);
    }
    return Wish.NONE;
  }

  /** At the end of each window, what shows over many steps alone. */
  private void lookBack(StepReport r) {
    means.add(losses.mean());
    if (saidSwings == 0 && Oscillation.of(losses.values())) {
      saidSwings = 1;
      say(r.step(), r.epoch(), "the training loss swings up and down from step to step.");
    }
    if (saidDivergence == 0 && Divergence.of(means.values())) {
      saidDivergence = 1;
      Divergence d = Divergence.last(means.values());
      String saw =
          String.format(
              Locale.ROOT,
              "the training loss goes up again: %.4g over the last %d steps, %.4g at its lowest.",
              d.now(),
              spec.window(),
              d.lowest());
      say(r.step(), r.epoch(), saw);
    }
  }

  private void say(long step, double epoch, String saw) {
    run.audience().found(new Finding(TOPIC, step + 1, epoch, saw, remedies()));
  }

  private List<String> remedies() {
    List<String> out = new ArrayList<>();
    out.add("a lower learning rate, or a longer warmup in schedule");
    if (run.spec().clipNorm() == 0) {
      out.add("train.clip-norm: 1");
    }
    if (spec.then() == Then.WARN) {
      out.add("leaving such batches out (watch: [{instability: {then: skip}}])");
    }
    out.add("a larger train.batch");
    out.add("a look at the rows");
    return out;
  }

  @Override
  public String reason() {
    return reason;
  }

  @Override
  public Map<String, Double> state() {
    Map<String, Double> out = new TreeMap<>();
    losses.save(out);
    norms.save(out);
    means.save(out);
    first.save(out);
    out.put("in-row", inRow);
    out.put("seen", seen);
    out.put("told", told);
    out.put("said-swings", saidSwings);
    out.put("said-divergence", saidDivergence);
    return out;
  }

  @Override
  public void restore(Map<String, Double> saved) {
    losses.restore(saved);
    norms.restore(saved);
    means.restore(saved);
    first.restore(saved);
    inRow = saved.getOrDefault("in-row", inRow);
    seen = saved.getOrDefault("seen", seen);
    told = saved.getOrDefault("told", told);
    saidSwings = saved.getOrDefault("said-swings", saidSwings);
    saidDivergence = saved.getOrDefault("said-divergence", saidDivergence);
  }
}
