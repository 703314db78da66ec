package dev.luthier.train.listener;

import com.google.auto.service.AutoService;
import dev.luthier.model.nn.Modules;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.train.Finding;
import dev.luthier.train.Listener;
import dev.luthier.train.Watched;
import dev.luthier.train.diagnosis.Underfit;
import java.util.Map;
import java.util.TreeMap;

/**
 * Says at the end of a run when the loss on the training data themselves is still high, and in
 * which order to try what helps against it. High is more than three fifths of the loss at the
 * beginning where the head began untrained, and hardly less than it where everything was trained
 * before. It says nothing of a run of fewer than 30 steps, of one that has not seen all data once,
 * and where the loss is high by less than it varies.
 */
@Technique(
    id = "diag-underfit",
    key = "underfitting",
    name = "Underfitting diagnosis",
    area = Area.LISTENER)
@AutoService(Listener.class)
public record Underfitting() implements Listener {
  private static final String TOPIC = "underfitting";

  /** Into how many parts a run is divided at most. */
  private static final int STRETCHES = 20;

  /** The steps that tell the loss at the beginning, and the fewest that tell it later. */
  private static final int FIRST = 3;

  @Override
  public Listener begin(Watched run) {
    double trained =
        Modules.countTrainable(run.model()) / (double) Math.max(1, Modules.count(run.model()));
    return new Watch(run, trained);
  }

  private static final class Watch implements Listener {
    private final Watched run;
    private final double trained;
    private final Recent means = new Recent("mean", Integer.MAX_VALUE);
    private long steps = 1;
    private double sum;
    private double count;
    private double epoch;

    Watch(Watched run, double trained) {
      this.run = run;
      this.trained = trained;
    }

    @Override
    public void started(RunInfo info) {
      steps = info.steps();
    }

    @Override
    public Wish stepped(StepReport r) {
      epoch = r.epoch();
      if (Double.isFinite(r.loss())) {
        sum += r.loss();
        count++;
      }
      long made = r.step() + 1;
      long stretches = Math.max(1, Math.min(STRETCHES, steps / FIRST));
      boolean first = made == FIRST;
      boolean end = made * stretches / steps > r.step() * stretches / steps;
      if ((first || (end && made > FIRST)) && count > 0) {
        means.add(sum / count);
        sum = 0;
        count = 0;
      }
      return Wish.NONE;
    }

    @Override
    public void finished(Outcome outcome) {
      if (outcome.completed()) {
        boolean newHead = !run.origin().drawn().isEmpty();
        Underfit.of(new Underfit.Facts(means.values(), newHead, trained, epoch, outcome.steps()))
            .ifPresent(
                found ->
                    run.audience()
                        .found(
                            new Finding(
                                TOPIC, outcome.steps(), epoch, found.saw(), found.remedies())));
      }
    }

    @Override
    public Map<String, Double> state() {
      Map<String, Double> out = new TreeMap<>();
      means.save(out);
      out.put("sum", sum);
      out.put("count", count);
      out.put("epoch", epoch);
      return out;
    }

    @Override
    public void restore(Map<String, Double> saved) {
      means.restore(saved);
      sum = saved.getOrDefault("sum", sum);
      count = saved.getOrDefault("count", count);
      epoch = saved.getOrDefault("epoch", epoch);
    }
  }
}
