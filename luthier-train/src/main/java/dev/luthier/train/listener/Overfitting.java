package dev.luthier.train.listener;

import com.google.auto.service.AutoService;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.train.Finding;
import dev.luthier.train.Listener;
import dev.luthier.train.Watched;
import dev.luthier.train.diagnosis.Overfit;
import dev.luthier.train.diagnosis.Overfit.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Says when a model begins to learn its training data by heart: the validation loss has risen for
 * some evaluations while the training loss went on falling. Names the epoch in which that began.
 * Needs validation data.
 *
 * @param patience how many evaluations in a row must lie above the lowest validation loss
 * @param rise by which part of it
 * @see <a href="https://doi.org/10.1007/3-540-49430-8_3">Prechelt 1998</a>
 */
@Technique(
    id = "diag-overfit",
    key = "overfitting",
    name = "Overfitting detection",
    area = Area.LISTENER,
    paper = "Prechelt 1998, Early stopping, but when?")
@AutoService(Listener.class)
public record Overfitting(int patience, double rise) implements Listener {
  private static final String TOPIC = "overfitting";

  /** Two evaluations, two percent. */
  public Overfitting() {
    this(2, 0.02);
  }

  /** Checks the ranges. */
  public Overfitting {
    if (patience < 1) {
      throw new IllegalArgumentException("patience must be at least 1, not " + patience);
    }
    if (!(rise >= 0 && Double.isFinite(rise))) {
      throw new IllegalArgumentException("rise must be at least 0, not " + rise);
    }
  }

  @Override
  public Listener begin(Watched run) {
    return new Watch(this, run);
  }

  private static final class Watch implements Listener {
    private final Overfitting spec;
    private final Watched run;
    private final Recent epochs = new Recent("epoch", Integer.MAX_VALUE);
    private final Recent training = new Recent("training", Integer.MAX_VALUE);
    private final Recent validation = new Recent("validation", Integer.MAX_VALUE);
    private double sum;
    private double steps;
    private double said;

    Watch(Overfitting spec, Watched run) {
      this.spec = spec;
      this.run = run;
    }

    @Override
    public Wish stepped(StepReport r) {
      if (Double.isFinite(r.loss())) {
        sum += r.loss();
        steps++;
      }
      return Wish.NONE;
    }

    @Override
    public Wish evaluated(Evaluation e) {
      Double loss = e.scores().get("loss");
      if (loss != null && steps > 0) {
        epochs.add(e.epoch());
        training.add(sum / steps);
        validation.add(loss);
        sum = 0;
        steps = 0;
        if (said == 0) {
          Overfit.of(points(), spec.patience(), spec.rise()).ifPresent(found -> say(e, found));
        }
      }
      return Wish.NONE;
    }

    private List<Point> points() {
      List<Point> out = new ArrayList<>();
      for (int i = 0; i < epochs.size(); i++) {
        out.add(
            new Point(
                epochs.values().get(i), training.values().get(i), validation.values().get(i)));
      }
      return out;
    }

    private void say(Evaluation e, Overfit found) {
      said = 1;
      String saw =
          String.format(
              Locale.ROOT,
              "the validation loss was lowest (%.4g) at epoch %.2f and has risen to %.4g since,"
                  + " while the training loss fell from %.4g to %.4g.",
              found.lowest(),
              found.onset(),
              found.now(),
              found.trainingThen(),
              found.trainingNow());
      run.audience().found(new Finding(TOPIC, e.step(), e.epoch(), saw, remedies(found)));
    }

    private List<String> remedies(Overfit found) {
      List<String> out = new ArrayList<>();
      if (run.spec().earlyStopping() == null) {
        out.add("going back to the best state (train.early-stopping: {})");
        out.add(String.format(Locale.ROOT, "fewer epochs (train.epochs: %.3g)", found.onset()));
      }
      out.add("regularization (objective: dropout or r-drop, a higher weight-decay)");
      out.add("training less of the model (a smaller r of lora, frozen layers)");
      out.add("more data");
      return out;
    }

    @Override
    public Map<String, Double> state() {
      Map<String, Double> out = new TreeMap<>();
      epochs.save(out);
      training.save(out);
      validation.save(out);
      out.put("sum", sum);
      out.put("steps", steps);
      out.put("said", said);
      return out;
    }

    @Override
    public void restore(Map<String, Double> saved) {
      epochs.restore(saved);
      training.restore(saved);
      validation.restore(saved);
      sum = saved.getOrDefault("sum", sum);
      steps = saved.getOrDefault("steps", steps);
      said = saved.getOrDefault("said", said);
    }
  }
}
