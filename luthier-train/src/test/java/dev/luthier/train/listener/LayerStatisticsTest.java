package dev.luthier.train.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.luthier.model.Model;
import dev.luthier.model.Outputs;
import dev.luthier.model.Tokens;
import dev.luthier.model.nn.Activation;
import dev.luthier.model.nn.Embedding;
import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import dev.luthier.train.BatchOrder;
import dev.luthier.train.Finding;
import dev.luthier.train.Float32;
import dev.luthier.train.Identity;
import dev.luthier.train.Listener;
import dev.luthier.train.Listener.Measurement;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Faults that are built into a network are found where they are, and none in a sound one. */
class LayerStatisticsTest {
  private static final int WIDTH = 8;
  private static final double RATE = 0.01;

  @TempDir Path folder;

  /** Words, three layers with an activation function, and a head. */
  private static final class Deep implements Model {
    private final Embedding words = new Embedding(20, WIDTH, 1);
    private final List<Linear> layers = new ArrayList<>();
    private final Linear classifier = Linear.of(WIDTH, ToyModel.CLASSES, 0.5);
    private final Activation activation;

    Deep(Activation activation) {
      this.activation = activation;
      for (int i = 0; i < 3; i++) {
        layers.add(Linear.of(WIDTH, WIDTH, 0.5));
      }
      Modules.drawMissing(this, Rng.Key.of(3));
    }

    @Override
    public Outputs forward(Tokens tokens, Pass pass) {
      Segments segments = tokens.segments();
      Tensor x = words.forward(tokens.ids());
      for (Linear layer : layers) {
        x = pass.activated(layer, activation.apply(layer.forward(x, pass, segments)));
      }
      Tensor first = x.indexSelect(0, segments.firsts());
      return new Outputs(x, classifier.forward(first, pass, segments));
    }

    @Override
    public void parts(Parts parts) {
      parts.module("words", words);
      for (int i = 0; i < layers.size(); i++) {
        parts.module("layer." + i, layers.get(i));
      }
      parts.module("classifier", classifier);
    }

    Deep with(String parameter, double scale, double shift) {
      Parameter p = Modules.parameters(this).get(parameter);
      try (Scope scope = Scope.open()) {
        p.set(p.value().detach().mul(scale).add(shift), DType.F32);
      }
      return this;
    }
  }

  private static final class Heard implements Listener {
    private final List<Finding> findings = new ArrayList<>();
    private final List<Measurement> measured = new ArrayList<>();

    @Override
    public void found(Finding finding) {
      findings.add(finding);
    }

    @Override
    public void measured(Measurement measurement) {
      measured.add(measurement);
    }
  }

  private Heard run(Model model, Integer micro, Listener... more) {
    Heard heard = new Heard();
    List<Listener> listeners = new ArrayList<>(List.of(more));
    listeners.add(heard);
    TrainSpec spec =
        new TrainSpec(
            2,
            null,
            8,
            micro,
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
                new Sgd(RATE, 0, false, 0),
                new ConstantSchedule(),
                ToyModel.data(40),
                ToyModel.collator(),
                spec,
                listeners,
                new Checkpoints(
                    folder.resolve("" + System.nanoTime()), 1, new Identity("", "", ""), w -> {}),
                null,
                Origin.of(Path.of(""))))
        .run();
    return heard;
  }

  @Test
  @Proves("diag-instability")
  void measures_each_layer_every_so_many_steps() {
    Heard heard = run(new Deep(Activation.GELU), 3, new LayerStatistics(4, 2, 1e-3));
    assertThat(heard.measured).extracting(Measurement::step).containsExactly(4L, 8L);
    Map<String, Map<String, Double>> layers = heard.measured.get(0).layers();
    assertThat(layers).containsOnlyKeys("classifier", "layer.0", "layer.1", "layer.2", "words");
    assertThat(layers.get("layer.1"))
        .containsOnlyKeys("gradient-norm", "update-ratio", "output-norm", "dead-units");
    assertThat(layers.get("classifier"))
        .containsOnlyKeys("gradient-norm", "update-ratio", "output-norm");
    assertThat(layers.get("words")).containsOnlyKeys("gradient-norm", "update-ratio");
    assertThat(heard.findings).isEmpty();
  }

  @Test
  @Proves("p-train-stability")
  void the_norm_of_what_every_linear_layer_gives_for_a_token_is_measured_on_demand() {
    Deep model = new Deep(Activation.GELU);
    LayerActivity activity = new LayerActivity(Modules.all(model, Linear.class), 0);
    Map<Linear, double[]> sums = new HashMap<>();
    Pass.Observer both =
        new Pass.Observer() {
          @Override
          public void multiplied(Linear layer, Tensor y) {
            activity.multiplied(layer, y);
            double[] sum = sums.computeIfAbsent(layer, l -> new double[2]);
            for (float v : y.detach().toFloats()) {
              sum[0] += (double) v * v;
            }
            sum[1] += y.size(0);
          }

          @Override
          public void activated(Linear layer, Tensor a) {}
        };
    try (Scope scope = Scope.open()) {
      for (long[] ids : new long[][] {{1, 2, 3, 4}, {7, 5}}) {
        Segments one = new Segments(new int[] {ids.length}, new long[1]);
        var unused =
            model.forward(
                new Tokens(Tensor.of(ids, ids.length), one), Pass.EVALUATION.observing(both));
      }
    }
    Map<String, Double> found = activity.single();
    assertThat(found).containsOnlyKeys("layer.0", "layer.1", "layer.2", "classifier");
    for (int i = 0; i < 3; i++) {
      double[] sum = sums.get(model.layers.get(i));
      assertThat(sum[1]).isEqualTo(6);
      assertThat(found.get("layer." + i))
          .isCloseTo(Math.sqrt(sum[0] / sum[1]), withinPercentage(1e-3));
    }
    double[] last = sums.get(model.classifier);
    assertThat(last[1]).as("one for each sequence").isEqualTo(2);
    assertThat(found.get("classifier"))
        .isCloseTo(Math.sqrt(last[0] / last[1]), withinPercentage(1e-3));

    Heard heard = run(model, 3, new LayerStatistics(4, 2, 1e-3, true));
    assertThat(heard.measured.get(0).layers().get("layer.1")).containsKey("output-l2");
  }

  @Test
  @Proves("diag-instability")
  void the_update_of_gradient_descent_is_the_rate_times_the_gradient() {
    Deep model = new Deep(Activation.RELU);
    double[] weight = new double[1];
    Listener norms =
        new Listener() {
          @Override
          public Verdict judged(Attempt a) {
            double w = model.layers.get(1).weight().value().detach().norm().item();
            double b = 0;
            Parameter bias = model.layers.get(1).bias();
            if (bias != null) {
              b = bias.value().detach().norm().item();
            }
            weight[0] = Math.hypot(w, b);
            return Verdict.UPDATE;
          }
        };
    Heard heard = run(model, null, new LayerStatistics(10, 1, 0), norms);
    Map<String, Double> layer = heard.measured.get(0).layers().get("layer.1");
    assertThat(layer.get("update-ratio") * weight[0])
        .isCloseTo(RATE * layer.get("gradient-norm"), within(1e-6));
  }

  @ParameterizedTest
  @CsvSource({
    "layer.1.bias, 1, -100, gradients vanish, layer.0",
    "classifier.weight, 1e6, 0, gradients explode, layer.2",
    "layer.1.bias, 1, -100, most units are never active, layer.1",
  })
  @Proves("diag-instability")
  void fault_that_is_built_in_is_found_where_it_is(
      String parameter, double scale, double shift, String what, String where) {
    Heard heard =
        run(
            new Deep(Activation.RELU).with(parameter, scale, shift),
            3,
            new LayerStatistics(2, 2, 1e-3));
    assertThat(heard.findings)
        .anySatisfy(
            f -> {
              assertThat(f.saw()).contains(what, where);
              assertThat(f.remedies()).isNotEmpty();
              assertThat(f.step()).as("seen twice").isEqualTo(4);
            });
    assertThat(heard.findings.stream().filter(f -> f.saw().contains(what))).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource(
      value = Activation.class,
      names = {"RELU", "GELU", "SILU"})
  void units_that_nothing_makes_active_are_dead(Activation activation) {
    Heard heard =
        run(
            new Deep(activation).with("layer.1.bias", 1, -100),
            null,
            new LayerStatistics(5, 3, 1e-3));
    assertThat(heard.measured.get(0).layers().get("layer.1")).containsEntry("dead-units", 1.0);
    assertThat(heard.measured.get(0).layers().get("layer.0").get("dead-units")).isLessThan(0.5);
  }

  @Test
  void weights_that_a_step_rewrites_are_told() {
    Heard heard =
        run(
            new Deep(Activation.RELU).with("layer.0.weight", 1e-4, 0),
            null,
            new LayerStatistics(1, 1, 1e-3));
    assertThat(heard.findings)
        .anyMatch(f -> f.saw().contains("a step changes more than a tenth of the weights"));
  }

  @Test
  void layers_are_named_up_to_their_number() {
    assertThat(Layers.of("bert.encoder.layer.3.attention.self.query.lora_A.weight"))
        .isEqualTo("bert.encoder.layer.3");
    assertThat(Layers.of("model.layers.11.mlp.gate_proj.weight")).isEqualTo("model.layers.11");
    assertThat(Layers.of("bert.embeddings.word_embeddings.weight")).isEqualTo("bert.embeddings");
    assertThat(Layers.of("classifier.bias")).isEqualTo("classifier");
    assertThat(Layers.of("layer0.weight")).isEqualTo("layer0");
  }

  @Test
  void ranges_are_checked() {
    assertThatThrownBy(() -> new LayerStatistics(4, 5, 0))
        .hasMessageContaining("window must be from 1 to every (4)");
  }
}
