package dev.luthier.train.listener;

import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Finding;
import dev.luthier.train.Listener;
import dev.luthier.train.Watched;
import dev.luthier.train.diagnosis.LayerHealth;
import dev.luthier.train.diagnosis.LayerHealth.Fault;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Measures for {@link LayerStatistics} over one run. */
final class LayerWatch implements Listener {
  private static final String TOPIC = "layers";
  private static final String GRADIENT = "gradient-norm";
  private static final String UPDATE = "update-ratio";
  private static final String DEAD = "dead-units";
  private static final String OUTPUT = "output-norm";
  private static final String SINGLE = "output-l2";

  /** A fault is told when it was seen in so many measurements, one after the other. */
  private static final int PATIENCE = 2;

  private static final int SHOWN = 5;

  private final LayerStatistics spec;
  private final Watched run;
  private final LayerActivity activity;

  /** Squared norms of gradients by layer. */
  private final Map<String, Double> gradients = new TreeMap<>();

  /** The trained weights before the update of this step. */
  private final Map<String, Tensor> before = new LinkedHashMap<>();

  /** How often in a row a fault was seen, negative once it was told. */
  private final Map<Fault, Double> seen = new EnumMap<>(Fault.class);

  LayerWatch(LayerStatistics spec, Watched run) {
    this.spec = spec;
    this.run = run;
    this.activity = new LayerActivity(Modules.all(run.model(), Linear.class), spec.silent());
  }

  @Override
  public void started(RunInfo info) {
    Reach.tell("layers", spec.every(), info, run.audience());
  }

  private boolean isDue(long step) {
    return (step + 1) % spec.every() == 0;
  }

  @Override
  public Pass.@Nullable Observer observer(long step) {
    long left = spec.every() - 1 - step % spec.every();
    if (left == spec.window() - 1) {
      activity.clear();
    }
    return left < spec.window() ? activity : null;
  }

  @Override
  public Verdict judged(Attempt a) {
    if (isDue(a.step())) {
      a.gradients()
          .norms()
          .forEach((name, n) -> gradients.merge(Layers.of(name), n * n, Double::sum));
      try (Scope scope = Scope.open()) {
        run.trainable().forEach((name, p) -> before.put(name, p.value().detach().copy().keep()));
      }
    }
    return Verdict.UPDATE;
  }

  @Override
  public Wish stepped(StepReport r) {
    if (isDue(r.step())) {
      Map<String, Map<String, Double>> layers = new TreeMap<>();
      gradients.forEach((layer, square) -> put(layers, layer, GRADIENT, Math.sqrt(square)));
      if (r.verdict() == Verdict.UPDATE) {
        ratios().forEach((layer, ratio) -> put(layers, layer, UPDATE, ratio));
      }
      activity.outputs().forEach((layer, norm) -> put(layers, layer, OUTPUT, norm));
      if (spec.linears()) {
        activity.single().forEach((linear, norm) -> put(layers, linear, SINGLE, norm));
      }
      activity.dead().forEach((layer, share) -> put(layers, layer, DEAD, share));
      forget();
      if (!layers.isEmpty()) {
        run.audience().measured(new Measurement(r.step() + 1, r.epoch(), layers));
        judge(r, layers);
      }
    }
    return Wish.NONE;
  }

  private static void put(
      Map<String, Map<String, Double>> layers, String layer, String what, double value) {
    layers.computeIfAbsent(layer, l -> new TreeMap<>()).put(what, value);
  }

  /** Norm of the update by norm of the weights; of layers that have weights other than zero. */
  private Map<String, Double> ratios() {
    Map<String, double[]> squares = new TreeMap<>();
    try (Scope scope = Scope.open();
        Autograd.Guard off = Autograd.noGrad()) {
      before.forEach(
          (name, old) -> {
            Parameter p = run.trainable().get(name);
            if (p != null) {
              double[] both = squares.computeIfAbsent(Layers.of(name), l -> new double[2]);
              double update = p.value().sub(old).norm().item();
              double weight = old.norm().item();
              both[0] += update * update;
              both[1] += weight * weight;
            }
          });
    }
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
    gradients.clear();
    before.values().forEach(Tensor::close);
    before.clear();
  }

  private void judge(StepReport r, Map<String, Map<String, Double>> layers) {
    tell(r, Fault.VANISHING, LayerHealth.vanishing(of(layers, GRADIENT)));
    tell(r, Fault.EXPLODING, LayerHealth.exploding(of(layers, GRADIENT)));
    tell(r, Fault.REWRITTEN, LayerHealth.rewritten(of(layers, UPDATE)));
    tell(r, Fault.DEAD, LayerHealth.dead(of(layers, DEAD)));
  }

  private static Map<String, Double> of(Map<String, Map<String, Double>> layers, String what) {
    Map<String, Double> out = new TreeMap<>();
    layers.forEach(
        (layer, values) -> {
          Double v = values.get(what);
          if (v != null) {
            out.put(layer, v);
          }
        });
    return out;
  }

  private void tell(StepReport r, Fault fault, List<String> where) {
    double known = seen.getOrDefault(fault, 0.0);
    if (known < 0) {
      return;
    }
    double now = where.isEmpty() ? 0 : known + 1;
    seen.put(fault, now < PATIENCE ? now : -1);
    if (now >= PATIENCE) {
      String more = where.size() > SHOWN ? " and " + (where.size() - SHOWN) + " more" : "";
      String saw =
          "%s in %s%s."
              .formatted(
                  fault.words(),
                  String.join(", ", where.subList(0, Math.min(SHOWN, where.size()))),
                  more);
      run.audience().found(new Finding(TOPIC, r.step() + 1, r.epoch(), saw, fault.remedies()));
    }
  }

  @Override
  public Map<String, Double> state() {
    Map<String, Double> out = new TreeMap<>();
    seen.forEach((fault, times) -> out.put(fault.name(), times));
    return out;
  }

  @Override
  public void restore(Map<String, Double> saved) {
    seen.clear();
    saved.forEach((fault, times) -> seen.put(Fault.valueOf(fault), times));
  }
}
