package dev.luthier.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.data.batch.EncodedDataset;
import dev.luthier.model.nn.Modules;
import dev.luthier.tensor.DType;
import dev.luthier.testing.Proves;
import dev.luthier.train.Float32;
import dev.luthier.train.Identity;
import dev.luthier.train.Objective;
import dev.luthier.train.Origin;
import dev.luthier.train.Precision;
import dev.luthier.train.TrainSpec;
import dev.luthier.train.checkpoint.Checkpoints;
import dev.luthier.train.objective.CrossEntropy;
import dev.luthier.train.optim.AdamW;
import dev.luthier.train.precision.Bfloat16;
import dev.luthier.train.rate.RateCurve;
import dev.luthier.train.rate.RateFinder;
import dev.luthier.train.rate.RateSweep;
import dev.luthier.train.schedule.LinearSchedule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RateFinderTest {
  private static final EncodedDataset DATA = ToyModel.data(60);
  private static final double PEAK = 0.02;
  private static final RateSweep SWEEP = new RateSweep(1e-5, 1e3, 80, 0.8, 4);

  @TempDir private Path folder;

  private Trainer.Setup setup(ToyModel model, Objective objective, Precision precision) {
    TrainSpec s = new TrainSpec();
    TrainSpec spec =
        new TrainSpec(
            s.epochs(),
            null,
            8,
            null,
            1,
            1,
            s.order(),
            null,
            null,
            null,
            2,
            null,
            precision,
            s.memory());
    return new Trainer.Setup(
        model,
        objective,
        new AdamW(PEAK, 0.9, 0.999, 1e-8, 0.01),
        new LinearSchedule(),
        DATA,
        ToyModel.collator(),
        spec,
        List.of(),
        new Checkpoints(folder, 2, new Identity("recipe", "data", "base"), w -> {}),
        () -> Map.of("loss", 1.0),
        Origin.of(Path.of("")));
  }

  private RateCurve find(ToyModel model, Precision precision) {
    return RateFinder.find(setup(model, new CrossEntropy(), precision), PEAK, SWEEP, p -> {});
  }

  private static Map<String, byte[]> weights(ToyModel model) {
    Map<String, byte[]> out = new TreeMap<>();
    Modules.parameters(model).forEach((name, p) -> out.put(name, p.value().toBytes()));
    return out;
  }

  @Test
  @Proves("lr-finder")
  void the_suggested_rate_lies_where_the_loss_falls_and_below_where_it_diverges() {
    RateCurve curve = find(new ToyModel(0.1, DType.F32), new Float32());
    assertThat(curve.diverged()).isNotNull();
    assertThat(curve.suggested()).isNotNull();
    assertThat(curve.suggested()).isLessThan(curve.lowest());
    assertThat(curve.lowest()).isLessThan(curve.diverged());
    assertThat(curve.suggested()).isBetween(1e-4, 1.0);
    // The rates grow exponentially.
    List<RateCurve.Point> points = curve.points();
    double ratio = Math.pow(1e8, 1 / 79.0);
    for (int i = 0; i < points.size(); i++) {
      assertThat(points.get(i).rate() / (1e-5 * Math.pow(ratio, i))).isCloseTo(1, within(1e-9));
    }
    // The losses are smoothed as said.
    double mean = 0;
    for (int i = 0; i < points.size(); i++) {
      mean = 0.8 * mean + 0.2 * points.get(i).loss();
      assertThat(points.get(i).smoothed())
          .isCloseTo(mean / (1 - Math.pow(0.8, i + 1.0)), within(1e-9));
    }
  }

  @Test
  @Proves("lr-finder")
  void weights_are_put_back_to_the_bit_and_nothing_is_written() throws IOException {
    ToyModel model = new ToyModel(0.1, DType.F32);
    Map<String, byte[]> before = weights(model);
    RateCurve first = find(model, new Float32());
    assertThat(weights(model)).usingRecursiveComparison().isEqualTo(before);
    assertThat(find(model, new Float32())).isEqualTo(first);
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).isEmpty();
    }
    ToyModel narrow = new ToyModel(0, DType.F32);
    Precision bare = new Bfloat16(false);
    var unused = bare.apply(narrow);
    Map<String, byte[]> rounded = weights(narrow);
    assertThat(find(narrow, bare).points()).isNotEmpty();
    assertThat(weights(narrow)).usingRecursiveComparison().isEqualTo(rounded);
  }

  @Test
  void weights_are_put_back_when_a_step_fails() {
    ToyModel model = new ToyModel(0, DType.F32);
    Map<String, byte[]> before = weights(model);
    List<Double> seen = new ArrayList<>();
    Trainer.Setup run = setup(model, new CrossEntropy(), new Float32());
    assertThatThrownBy(
            () ->
                RateFinder.find(
                    run,
                    PEAK,
                    SWEEP,
                    p -> {
                      seen.add(p.loss());
                      if (seen.size() == 30) {
                        throw new IllegalStateException("enough");
                      }
                    }))
        .hasMessage("enough");
    assertThat(seen).hasSize(30);
    assertThat(weights(model)).usingRecursiveComparison().isEqualTo(before);
  }

  @Test
  void a_sweep_that_never_lowers_the_loss_suggests_nothing() {
    RateSweep high = new RateSweep(100, 1e3, 10, 0, 4);
    Trainer.Setup run = setup(new ToyModel(0, DType.F32), new CrossEntropy(), new Float32());
    RateCurve curve = RateFinder.find(run, PEAK, high, p -> {});
    assertThat(curve.suggested()).isNull();
    assertThatThrownBy(() -> new RateSweep(1, 1, 10, 0.9, 4)).hasMessageStartingWith("to must be");
    assertThatThrownBy(() -> RateFinder.find(run, 0, high, p -> {}))
        .hasMessageStartingWith("the optimizer's rate");
  }
}
