package dev.luthier.train.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import dev.luthier.train.BatchOrder;
import dev.luthier.train.Float32;
import dev.luthier.train.Identity;
import dev.luthier.train.Listener;
import dev.luthier.train.Origin;
import dev.luthier.train.TrainSpec;
import dev.luthier.train.TrainSpec.MemorySpec;
import dev.luthier.train.checkpoint.Checkpoints;
import dev.luthier.train.loop.ToyModel;
import dev.luthier.train.loop.Trainer;
import dev.luthier.train.objective.CrossEntropy;
import dev.luthier.train.optim.Sgd;
import dev.luthier.train.schedule.ConstantSchedule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sizes of updates against their definitions, worked out number by number. */
class UpdateStatisticsTest {
  @TempDir private Path folder;

  private void run(ToyModel model, Verdicts own, Listener... more) {
    List<Listener> listeners = new ArrayList<>(List.of(more));
    listeners.add(own);
    TrainSpec spec =
        new TrainSpec(
            2,
            null,
            8,
            null,
            1,
            0,
            BatchOrder.RANDOM,
            null,
            null,
            100L,
            1,
            null,
            new Float32(),
            new MemorySpec());
    new Trainer(
            new Trainer.Setup(
                model,
                new CrossEntropy(),
                new Sgd(0.02, 0, false, 0),
                new ConstantSchedule(),
                ToyModel.data(40),
                ToyModel.collator(),
                spec,
                listeners,
                new Checkpoints(folder, 1, new Identity("", "", ""), w -> {}),
                null,
                Origin.of(Path.of(""))))
        .run();
  }

  /** Works the sizes out again, step by step. */
  private static final class Verdicts implements Listener, Pass.Observer {
    private final Map<String, Linear> linears;
    private final Map<String, Parameter> parameters;
    private final Verdict verdict;
    private final Map<Linear, double[]> inputs = new LinkedHashMap<>();
    private final Map<String, double[]> before = new TreeMap<>();
    private final List<Map<String, Map<String, Double>>> expected = new ArrayList<>();
    private final List<Measurement> measured = new ArrayList<>();

    Verdicts(ToyModel model, Verdict verdict) {
      this.linears = Modules.all(model, Linear.class);
      this.parameters = Modules.parameters(model);
      this.verdict = verdict;
    }

    @Override
    public Pass.@Nullable Observer observer(long step) {
      return this;
    }

    @Override
    public void multiplies(Linear layer, Tensor x) {
      inputs.put(layer, x.detach().toDoubles());
    }

    @Override
    public void multiplied(Linear layer, Tensor y) {}

    @Override
    public void activated(Linear layer, Tensor a) {}

    @Override
    public Verdict judged(Attempt a) {
      parameters.forEach((name, p) -> before.put(name, p.value().detach().toDoubles()));
      return verdict;
    }

    @Override
    public void measured(Measurement measurement) {
      measured.add(measurement);
    }

    @Override
    public Wish stepped(StepReport step) {
      Map<String, Map<String, Double>> out = new TreeMap<>();
      Map<String, Double> lengths = new TreeMap<>();
      parameters.forEach(
          (name, p) -> {
            double[] now = p.value().detach().toDoubles();
            double[] old = before.get(name);
            double square = 0;
            for (int i = 0; i < now.length; i++) {
              square += Math.pow(now[i] - old[i], 2);
            }
            String layer = name.substring(0, name.indexOf('.'));
            lengths.merge(layer, square, Double::sum);
            if (p.shape().length == 2) {
              out.computeIfAbsent(layer, l -> new TreeMap<>())
                  .put("angle", angle(old, now, (int) p.shape()[1]));
            }
          });
      lengths.forEach(
          (layer, square) ->
              out.computeIfAbsent(layer, l -> new TreeMap<>()).put("update-l2", Math.sqrt(square)));
      linears.forEach(
          (name, l) -> out.get(name).put("representation-change", change(name, inputs.get(l))));
      expected.add(out);
      return Wish.NONE;
    }

    private static double angle(double[] old, double[] now, int width) {
      double sum = 0;
      int rows = old.length / width;
      for (int r = 0; r < rows; r++) {
        double dot = 0;
        double a = 0;
        double b = 0;
        for (int i = r * width; i < (r + 1) * width; i++) {
          dot += old[i] * now[i];
          a += old[i] * old[i];
          b += now[i] * now[i];
        }
        sum += Math.acos(Math.min(1, dot / Math.sqrt(a * b)));
      }
      return sum / rows;
    }

    private double change(String linear, double[] x) {
      double[] w0 = before.get(linear + ".weight");
      double[] b0 = before.get(linear + ".bias");
      double[] w1 = parameters.get(linear + ".weight").value().detach().toDoubles();
      double[] b1 = parameters.get(linear + ".bias").value().detach().toDoubles();
      int in = w0.length / b0.length;
      double changed = 0;
      double size = 0;
      for (int t = 0; t < x.length / in; t++) {
        for (int o = 0; o < b0.length; o++) {
          double y = b0[o];
          double d = b1[o] - b0[o];
          for (int i = 0; i < in; i++) {
            y += w0[o * in + i] * x[t * in + i];
            d += (w1[o * in + i] - w0[o * in + i]) * x[t * in + i];
          }
          changed += d * d;
          size += y * y;
        }
      }
      return Math.sqrt(changed / size);
    }
  }

  @Test
  @Proves("p-warmup-need")
  void lengths_angles_and_changes_of_outputs_are_what_their_definitions_say() {
    ToyModel model = new ToyModel(0.2, DType.F32);
    Verdicts own = new Verdicts(model, Listener.Verdict.UPDATE);
    try (Scope scope = Scope.open()) {
      run(model, own, new UpdateStatistics(4));
    }
    assertThat(own.measured).extracting(Listener.Measurement::step).containsExactly(4L, 8L);
    for (Listener.Measurement m : own.measured) {
      Map<String, Map<String, Double>> expected = own.expected.get((int) m.step() - 1);
      assertThat(m.layers().keySet())
          .containsExactlyInAnyOrder("words", "query", "key", "value", "norm", "classifier");
      assertThat(m.layers().get("value"))
          .containsOnlyKeys("update-l2", "angle", "representation-change");
      assertThat(m.layers().get("norm")).containsOnlyKeys("update-l2");
      m.layers()
          .forEach(
              (layer, values) ->
                  values.forEach(
                      (what, v) -> {
                        assertThat(v).as("%s of %s", what, layer).isPositive();
                        assertThat(v)
                            .as("%s of %s", what, layer)
                            .isCloseTo(expected.get(layer).get(what), withinPercentage(0.5));
                      }));
    }
  }

  @Test
  void a_batch_that_is_refused_is_not_measured() {
    ToyModel model = new ToyModel(0, DType.F32);
    Verdicts own = new Verdicts(model, Listener.Verdict.SKIP);
    try (Scope scope = Scope.open()) {
      run(model, own, new UpdateStatistics(2));
    }
    assertThat(own.expected).hasSize(10);
    assertThat(own.measured).isEmpty();
  }

  @Test
  void ranges_are_checked() {
    assertThatThrownBy(() -> new UpdateStatistics(0))
        .hasMessageContaining("every must be at least 1, not 0");
  }
}
