package dev.luthier.train.listener;

import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Listener;
import dev.luthier.train.Watched;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Measures for {@link UpdateStatistics} over one run. */
final class UpdateWatch implements Listener {
  private static final String LENGTH = "update-l2";
  private static final String ANGLE = "angle";
  private static final String CHANGE = "representation-change";

  /** Rows of an input that are kept. */
  private static final long ROWS = 256;

  private final UpdateStatistics spec;
  private final Watched run;
  private final Map<Linear, String> names = new HashMap<>();
  private final Map<Linear, Tensor> inputs = new LinkedHashMap<>();
  private final Map<Linear, Tensor> outputs = new LinkedHashMap<>();

  /** The trained weights before the update of this step. */
  private final Map<String, Tensor> before = new LinkedHashMap<>();

  UpdateWatch(UpdateStatistics spec, Watched run) {
    this.spec = spec;
    this.run = run;
    Modules.all(run.model(), Linear.class)
        .forEach((name, linear) -> names.put(linear, Layers.of(name + ".weight")));
  }

  @Override
  public void started(RunInfo info) {
    Reach.tell("updates", spec.every(), info, run.audience());
  }

  private boolean isDue(long step) {
    return (step + 1) % spec.every() == 0;
  }

  /** Keeps the first input of each linear layer. */
  private final class Inputs implements Pass.Observer {
    @Override
    public void multiplies(Linear layer, Tensor x) {
      if (names.containsKey(layer) && !inputs.containsKey(layer)) {
        try (Scope scope = Scope.open();
            Autograd.Guard off = Autograd.noGrad()) {
          Tensor some = x.detach().narrow(0, 0, Math.min(ROWS, x.size(0)));
          inputs.put(layer, some.copy().keep());
        }
      }
    }

    @Override
    public void multiplied(Linear layer, Tensor y) {}

    @Override
    public void activated(Linear layer, Tensor a) {}
  }

  @Override
  public Pass.@Nullable Observer observer(long step) {
    forget();
    return isDue(step) ? new Inputs() : null;
  }

  @Override
  public Verdict judged(Attempt a) {
    if (isDue(a.step())) {
      try (Scope scope = Scope.open();
          Autograd.Guard off = Autograd.noGrad()) {
        run.trainable().forEach((name, p) -> before.put(name, p.value().detach().copy().keep()));
        inputs.forEach((layer, x) -> outputs.put(layer, made(layer, x).copy().keep()));
      }
    }
    return Verdict.UPDATE;
  }

  /** What a layer makes of an input, with what was added to it and without dropout. */
  private static Tensor made(Linear layer, Tensor x) {
    Segments one = new Segments(new int[] {Math.toIntExact(x.size(0))}, new long[1]);
    return layer.forward(x, Pass.EVALUATION, one).detach().to(DType.F32);
  }

  @Override
  public Wish stepped(StepReport r) {
    if (isDue(r.step()) && r.verdict() == Verdict.UPDATE && !before.isEmpty()) {
      Map<String, Map<String, Double>> layers = new TreeMap<>();
      try (Scope scope = Scope.open();
          Autograd.Guard off = Autograd.noGrad()) {
        lengths().forEach((layer, v) -> put(layers, layer, LENGTH, v));
        angles().forEach((layer, v) -> put(layers, layer, ANGLE, v));
        changes().forEach((layer, v) -> put(layers, layer, CHANGE, v));
      }
      run.audience().measured(new Measurement(r.step() + 1, r.epoch(), layers));
    }
    forget();
    return Wish.NONE;
  }

  private static void put(
      Map<String, Map<String, Double>> layers, String layer, String what, double value) {
    layers.computeIfAbsent(layer, l -> new TreeMap<>()).put(what, value);
  }

  private Tensor now(String name) {
    Parameter p = Objects.requireNonNull(run.trainable().get(name), name);
    return p.value().detach();
  }

  private Map<String, Double> lengths() {
    Map<String, Double> out = new TreeMap<>();
    before.forEach(
        (name, old) -> {
          double length = now(name).sub(old).norm().item();
          out.merge(Layers.of(name), length * length, Double::sum);
        });
    out.replaceAll((layer, square) -> Math.sqrt(square));
    return out;
  }

  /** By layer the mean over the rows of its matrices, those of zeros left out. */
  private Map<String, Double> angles() {
    Map<String, double[]> sums = new TreeMap<>();
    before.forEach(
        (name, old) -> {
          if (old.shape().length > 1) {
            addAngles(old, now(name), sums.computeIfAbsent(Layers.of(name), l -> new double[2]));
          }
        });
    Map<String, Double> out = new TreeMap<>();
    sums.forEach(
        (layer, sum) -> {
          if (sum[1] > 0) {
            out.put(layer, sum[0] / sum[1]);
          }
        });
    return out;
  }

  /**
   * The angle of rows w and w + Δ, by their chord on the unit circle, which small angles leave
   * exact: (‖Δ‖² - δ²) / (‖w‖ ‖w + Δ‖), δ being how much longer the row became.
   */
  private static void addAngles(Tensor old, Tensor now, double[] sum) {
    Tensor w = old.to(DType.F32).view(old.size(0), -1);
    Tensor delta = now.to(DType.F32).view(old.size(0), -1).sub(w);
    double[] first = w.pow(2).sum(1).toDoubles();
    double[] moved = delta.pow(2).sum(1).toDoubles();
    double[] along = w.mul(delta).sum(1).toDoubles();
    for (int i = 0; i < first.length; i++) {
      double grown = 2 * along[i] + moved[i];
      double from = Math.sqrt(first[i]);
      double to = Math.sqrt(Math.max(0, first[i] + grown));
      if (from > 0 && to > 0) {
        double longer = grown / (from + to);
        double chord = Math.sqrt(Math.max(0, moved[i] - longer * longer) / (from * to));
        sum[0] += 2 * Math.asin(Math.min(1, chord / 2));
        sum[1]++;
      }
    }
  }

  private Map<String, Double> changes() {
    Map<String, double[]> squares = new TreeMap<>();
    outputs.forEach(
        (layer, y) -> {
          Tensor x = Objects.requireNonNull(inputs.get(layer));
          double change = made(layer, x).sub(y).norm().item();
          double size = y.norm().item();
          String name = Objects.requireNonNull(names.get(layer));
          double[] both = squares.computeIfAbsent(name, l -> new double[2]);
          both[0] += change * change;
          both[1] += size * size;
        });
    Map<String, Double> out = new TreeMap<>();
    squares.forEach(
        (layer, both) -> {
          if (both[1] > 0) {
            out.put(layer, Math.sqrt(both[0] / both[1]));
          }
        });
    return out;
  }

  private void forget() {
    for (Map<?, Tensor> kept : List.of(inputs, outputs, before)) {
      kept.values().forEach(Tensor::close);
      kept.clear();
    }
  }
}
