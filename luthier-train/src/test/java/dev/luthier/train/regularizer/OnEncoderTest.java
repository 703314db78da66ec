package dev.luthier.train.regularizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.data.batch.Batch;
import dev.luthier.data.batch.EncodedDataset;
import dev.luthier.model.Head;
import dev.luthier.model.LayerStack;
import dev.luthier.model.ModelConfig;
import dev.luthier.model.Pooling;
import dev.luthier.model.Pretrained;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Beginning;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.Objective;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.Origin;
import dev.luthier.train.StepContext;
import dev.luthier.train.frozen.FrozenPrefix;
import dev.luthier.train.loop.ToyModel;
import dev.luthier.train.objective.CrossEntropy;
import dev.luthier.train.objective.Dice;
import dev.luthier.train.objective.InfoNce;
import dev.luthier.train.objective.SupervisedContrastive;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Regularizers around an encoder of several layers with dropout, whose layers can be run again. */
class OnEncoderTest {
  private static final EncodedDataset DATA = ToyModel.data(6);

  @TempDir private Path folder;
  private boolean tablesGiveRows;

  static Stream<Objective> regularizers() {
    Objective ce = new CrossEntropy();
    return Stream.of(
        new RDrop(1, ce),
        new Neftune(5, ce),
        new R3f(1, 0.1, Noise.NORMAL, 0.1, ce),
        new L2Sp(0.1, 0.1, ce),
        new Mixout(0.3, ce),
        new Smart(1, 1, 0.1, 0.1, 0.1, 2, 0.9, ce),
        new ZLoss(0.1, ce),
        new Mixup(1, ce));
  }

  private static Pretrained model() {
    try {
      Path base = Path.of(OnEncoderTest.class.getResource("/golden/lora/base-bert").toURI());
      String config =
          Files.readString(base.resolve("config.json"))
              .replaceAll("(dropout[a-z_]*\": )0.0", "$10.2");
      Head head = new Head.SequenceClassification(List.of("0", "1", "2"));
      return Pretrained.random(ModelConfig.parse(config), null, head, Rng.Key.of(3));
    } catch (URISyntaxException | java.io.IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Objective begun(Objective objective, Pretrained model) {
    Origin origin =
        new Origin(Path.of(""), List.of(), null, Set.of("classifier.weight", "classifier.bias"));
    return objective.begin(new Beginning(model.model(), DATA, origin));
  }

  private static LossContext step(Pretrained model) {
    OptimizerState state = new OptimizerState(Modules.parameters(model.model()));
    return new LossContext(new StepContext(2, 9, 0, 1, Rng.Key.of(8), state));
  }

  private static Batch batch() {
    return ToyModel.collator().collate(DATA.examples(), Rng.Key.of(1));
  }

  @ParameterizedTest
  @MethodSource("regularizers")
  void layers_that_are_run_again_give_the_same_gradients_to_the_bit(Objective objective) {
    Map<String, byte[]> kept = gradients(objective, false, 99);
    Map<String, byte[]> again = gradients(objective, true, 99);
    assertThat(again.keySet()).isEqualTo(kept.keySet());
    kept.forEach((name, g) -> assertThat(again.get(name)).as(name).isEqualTo(g));
  }

  static Stream<Objective> comparisons() {
    return Stream.of(
        new InfoNce(0.2, Pooling.Kind.MEAN),
        new SupervisedContrastive(0.2, Pooling.Kind.FIRST),
        new Dice());
  }

  @ParameterizedTest
  @MethodSource("comparisons")
  void a_batch_that_is_kept_whole_can_run_in_parts_whose_layers_may_be_run_again(
      Objective objective) {
    Map<String, byte[]> whole = gradients(objective, false, 99);
    tablesGiveRows = true; // as many optimizers ask
    for (boolean recompute : new boolean[] {false, true}) {
      Map<String, byte[]> parts = gradients(objective, recompute, 2);
      assertThat(parts.keySet()).isEqualTo(whole.keySet());
      whole.forEach(
          (name, g) ->
              assertThat(floats(parts.get(name)))
                  .as(name)
                  .containsExactly(floats(g), within(1e-5f)));
    }
  }

  private static float[] floats(byte[] bytes) {
    float[] out = new float[bytes.length / 4];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(out);
    return out;
  }

  private Map<String, byte[]> gradients(Objective objective, boolean recompute, int atOnce) {
    Pretrained model = model();
    Modules.parameters(model.model()).values().forEach(p -> p.setRowGradient(tablesGiveRows));
    Objects.requireNonNull(model.model().stack()).recompute(recompute);
    Objective begun = begun(objective, model);
    Map<String, byte[]> out = new TreeMap<>();
    try (Scope s = Scope.open()) {
      Modules.parameters(model.model())
          .forEach(
              (name, p) -> {
                var unused = p.value().detach().mulInPlace(1.1);
              });
      begun.compute(model.model(), batch(), step(model).atOnce(atOnce)).sum().backward();
      for (Map.Entry<String, Parameter> e : Modules.parameters(model.model()).entrySet()) {
        Tensor g = e.getValue().value().grad();
        if (g != null) {
          out.put(e.getKey(), g.toBytes());
        }
      }
    }
    return out;
  }

  @Test
  void noise_of_zero_changes_nothing_above_frozen_layers_either() {
    Pretrained model = model();
    Modules.parameters(model.model())
        .forEach((name, p) -> p.setTrainable(!name.matches(".*(embeddings|layer\\.0)\\..*")));
    LayerStack stack = Objects.requireNonNull(model.model().stack());
    assertThat(stack.frozen()).isEqualTo(1);
    try (Scope s = Scope.open();
        FrozenPrefix prefix = new FrozenPrefix(1, List.of(), List.of(), folder, 1 << 20)) {
      stack.replaceLowest(prefix);
      Loss still =
          new R3f(1, 0, Noise.NORMAL, 0, new CrossEntropy())
              .compute(model.model(), batch(), step(model));
      Loss noisy =
          new R3f(1, 0.5, Noise.NORMAL, 0, new CrossEntropy())
              .compute(model.model(), batch(), step(model));
      assertThat(still.scalars().get("r3f")).isCloseTo(0, within(1e-9));
      assertThat(noisy.scalars().get("r3f")).isGreaterThan(1e-3);
    }
  }
}
