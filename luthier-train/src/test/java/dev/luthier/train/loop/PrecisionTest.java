package dev.luthier.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.data.batch.EncodedDataset;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.tensor.io.TensorFile;
import dev.luthier.testing.Proves;
import dev.luthier.train.BatchOrder;
import dev.luthier.train.Float32;
import dev.luthier.train.Identity;
import dev.luthier.train.Listener;
import dev.luthier.train.NonFiniteException;
import dev.luthier.train.Origin;
import dev.luthier.train.Precision;
import dev.luthier.train.TrainSpec;
import dev.luthier.train.checkpoint.Checkpoints;
import dev.luthier.train.objective.CrossEntropy;
import dev.luthier.train.optim.AdamW;
import dev.luthier.train.precision.Bfloat16;
import dev.luthier.train.precision.Float16;
import dev.luthier.train.schedule.ConstantSchedule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole runs in each precision. */
class PrecisionTest {
  private static final int STEPS = 20;
  private static final EncodedDataset DATA = ToyModel.data(40);
  private static final Precision MASTERED = new Bfloat16(true);
  private static final Precision MASTERLESS = new Bfloat16(false);
  private static final Precision HALF = new Float16(1024, 3);

  @TempDir Path folder;

  /** Sees every step. */
  private static final class Watch implements Listener {
    private final List<StepReport> seen = new ArrayList<>();

    @Override
    public Wish stepped(StepReport step) {
      seen.add(step);
      return Wish.NONE;
    }

    List<Double> losses() {
      return seen.stream().map(Listener.StepReport::loss).toList();
    }

    List<Double> scales() {
      return seen.stream().map(s -> s.scalars().get("loss-scale")).toList();
    }
  }

  private static Watch run(ToyModel model, Precision precision, Integer micro, Path at, int last) {
    Watch watch = new Watch();
    TrainSpec spec =
        new TrainSpec(
            4,
            null,
            8,
            micro,
            1,
            1,
            BatchOrder.SIMILAR_LENGTH,
            null,
            null,
            1L,
            2,
            null,
            precision,
            new TrainSpec.MemorySpec());
    var unused =
        AskedToStop.run(
            new Trainer.Setup(
                model,
                new CrossEntropy(),
                new AdamW(0.05, 0.9, 0.999, 1e-8, 0.01),
                new ConstantSchedule(),
                DATA,
                ToyModel.collator(),
                spec,
                List.of(watch),
                new Checkpoints(at, 2, new Identity("recipe", "data", "base"), w -> {}),
                null,
                Origin.of(Path.of(""))),
            last);
    return watch;
  }

  private static Map<String, byte[]> weights(ToyModel model) {
    Map<String, byte[]> out = new TreeMap<>();
    Modules.parameters(model).forEach((name, p) -> out.put(name, p.value().toBytes()));
    return out;
  }

  private static void assertSame(Map<String, byte[]> a, Map<String, byte[]> b) {
    assertThat(a.keySet()).isEqualTo(b.keySet());
    a.forEach((name, bytes) -> assertThat(Arrays.equals(bytes, b.get(name))).as(name).isTrue());
  }

  static Stream<Precision> narrow() {
    return Stream.of(MASTERED, MASTERLESS, HALF);
  }

  @ParameterizedTest
  @MethodSource("narrow")
  void losses_stay_close_to_those_of_float32(Precision precision) {
    List<Double> wide =
        run(new ToyModel(0.2, DType.F32), new Float32(), null, folder.resolve("a"), -1).losses();
    List<Double> narrow =
        run(new ToyModel(0.2, DType.F32), precision, null, folder.resolve("b"), -1).losses();
    assertThat(narrow).hasSize(STEPS).isNotEqualTo(wide);
    assertThat(narrow.get(0)).isCloseTo(wide.get(0), org.assertj.core.data.Offset.offset(0.02));
    assertThat(narrow.get(STEPS - 1))
        .isCloseTo(wide.get(STEPS - 1), org.assertj.core.data.Offset.offset(0.1));
    assertThat(narrow.get(STEPS - 1)).isLessThan(narrow.get(0));
  }

  static Stream<Arguments> stops() {
    return narrow().flatMap(p -> Stream.of(1, 4, 10, 19).map(n -> Arguments.of(p, n)));
  }

  @ParameterizedTest
  @MethodSource("stops")
  void run_ended_and_resumed_has_bit_identical_weights(Precision precision, int stop) {
    ToyModel straight = new ToyModel(0.2, DType.F32);
    List<Listener.StepReport> whole = run(straight, precision, 3, folder.resolve("whole"), -1).seen;
    Path at = folder.resolve("parts");
    Watch first = run(new ToyModel(0.2, DType.F32), precision, 3, at, stop);
    ToyModel resumed = new ToyModel(0.2, DType.F32);
    Watch second = run(resumed, precision, 3, at, -1);
    List<Double> losses = new ArrayList<>(first.losses());
    losses.addAll(second.losses());
    assertThat(losses).isEqualTo(whole.stream().map(Listener.StepReport::loss).toList());
    assertSame(weights(straight), weights(resumed));
  }

  @ParameterizedTest
  @MethodSource("narrow")
  void split_of_a_batch_changes_nothing_beyond_rounding(Precision precision) {
    ToyModel whole = new ToyModel(0.2, DType.F32);
    ToyModel split = new ToyModel(0.2, DType.F32);
    double norm = run(whole, precision, null, folder.resolve("a"), 1).seen.get(0).gradientNorm();
    double other = run(split, precision, 3, folder.resolve("b"), 1).seen.get(0).gradientNorm();
    assertThat(other).isCloseTo(norm, org.assertj.core.data.Offset.offset(0.01 * norm));
  }

  @Test
  void master_weights_are_float32_and_the_products_read_them_rounded_after_every_step() {
    ToyModel model = new ToyModel(0, DType.F32);
    run(model, MASTERED, null, folder, -1);
    for (Parameter p : Modules.parameters(model).values()) {
      assertThat(p.value().dtype()).isEqualTo(DType.F32);
      assertThat(p.factor().sameAs(p.value().detach().to(DType.BF16))).isTrue();
      assertThat(p.value().detach().to(DType.BF16).to(DType.F32).sameAs(p.value())).isFalse();
    }
  }

  @Test
  void without_master_weights_matrices_are_bfloat16_and_the_optimizers_state_is_float32() {
    ToyModel model = new ToyModel(0, DType.F32);
    run(model, MASTERLESS, null, folder, -1);
    Modules.parameters(model)
        .forEach(
            (name, p) ->
                assertThat(p.value().dtype())
                    .as(name)
                    .isEqualTo(p.shape().length > 1 ? DType.BF16 : DType.F32));
    try (TensorFile state =
        TensorFile.open(folder.resolve("step-000000020").resolve("optimizer.safetensors"))) {
      assertThat(state.names()).anyMatch(n -> n.endsWith("words.weight:1.mean"));
      assertThat(state.names()).allMatch(n -> state.tensor(n).dtype() == DType.F32);
    }
  }

  @Test
  @Proves("mixed-precision")
  void overflow_halves_the_scale_and_skips_the_step_and_good_steps_double_it_again() {
    ToyModel model = new ToyModel(0, DType.F32);
    Map<String, byte[]> before = weights(model);
    double first = 0x1p22;
    List<Double> scales = run(model, new Float16(first, 4), null, folder.resolve("a"), -1).scales();
    int overflows = 0;
    while (scales.get(overflows) < (overflows == 0 ? first : scales.get(overflows - 1))) {
      overflows++;
    }
    assertThat(overflows).isBetween(2, 15);
    for (int i = 0; i < overflows; i++) {
      assertThat(scales.get(i)).isEqualTo(first / (2L << i));
    }
    assertThat(scales.get(overflows + 3)).isEqualTo(2 * scales.get(overflows - 1));

    ToyModel skipped = new ToyModel(0, DType.F32);
    run(skipped, new Float16(first, 4), null, folder.resolve("b"), overflows);
    assertSame(before, weights(skipped));
    ToyModel stepped = new ToyModel(0, DType.F32);
    run(stepped, new Float16(first, 4), null, folder.resolve("c"), overflows + 1);
    assertThat(weights(stepped).get("query.weight")).isNotEqualTo(before.get("query.weight"));
    Modules.parameters(stepped)
        .forEach((name, p) -> assertThat(p.value().dtype()).as(name).isEqualTo(DType.F32));
  }

  @Test
  @Proves("mixed-precision")
  void factors_and_gradients_are_rounded_to_float16() {
    ToyModel model = new ToyModel(0, DType.F32);
    try (Scope scope = Scope.open()) {
      Tensor words = Modules.parameters(model).get("query.weight").value();
      words.detach().view(-1).narrow(0, 0, 1).fill(1 + 1.0 / 4096);
    }
    assertThat(HALF.apply(model)).anyMatch(line -> line.contains("emulated"));
    Parameter weight = Modules.parameters(model).get("query.weight");
    try (Scope scope = Scope.open()) {
      Tensor rounded = weight.factor();
      assertThat(rounded.detach().view(-1).narrow(0, 0, 1).item()).isEqualTo(1);
      rounded
          .view(-1)
          .narrow(0, 0, 2)
          .mul(Tensor.of(new float[] {1e-9f, 70000}, 2))
          .sum()
          .backward();
      float[] gradient = weight.value().grad().toFloats();
      assertThat(gradient[0]).as("below the smallest float16").isZero();
      assertThat(gradient[1]).as("above the largest float16").isInfinite();
    }
  }

  @Test
  @Proves("mixed-precision")
  void gradient_that_no_scale_can_hold_is_an_error_that_names_the_weight() {
    ToyModel model = new ToyModel(0, DType.F32);
    try (Scope scope = Scope.open()) {
      Modules.parameters(model).get("norm.weight").value().detach().fill(1e30);
      Modules.parameters(model).get("classifier.weight").value().detach().fill(1e-30);
    }
    assertThatThrownBy(() -> run(model, new Float16(0x1p-23, 4), null, folder, -1))
        .isInstanceOf(NonFiniteException.class);
  }
}
