package dev.luthier.eval.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.eval.metric.ExpectedCalibrationError.Binning;
import dev.luthier.testing.Proves;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

@Proves("metric-ece")
class ExpectedCalibrationErrorTest {
  private static final double TOLERANCE = 1e-12;

  @Nested
  class EqualWidth extends MetricContract {
    @Override
    protected Metric subject() {
      return new ExpectedCalibrationError();
    }
  }

  @Nested
  class EqualMass extends MetricContract {
    @Override
    protected Metric subject() {
      return new ExpectedCalibrationError(5, Binning.EQUAL_MASS);
    }
  }

  @Test
  void is_zero_where_confidence_is_how_often_the_model_is_right() {
    double[] confidence = new double[30];
    boolean[] right = new boolean[30];
    for (int i = 0; i < 30; i++) {
      confidence[i] = List.of(0.6, 0.7, 0.9).get(i / 10);
      right[i] = i % 10 < Math.round(confidence[i] * 10);
    }
    for (Binning binning : Binning.values()) {
      assertThat(new ExpectedCalibrationError(10, binning).value(binary(confidence, right)))
          .isCloseTo(0, within(TOLERANCE));
    }
  }

  @Test
  void equals_the_definition_worked_by_hand() {
    ClassificationPredictions four =
        binary(new double[] {0.55, 0.65, 0.95, 0.85}, new boolean[] {true, false, true, true});
    // width 0.5: one bin; mass 2: {0.55, 0.65} half right, {0.85, 0.95} all right
    assertThat(new ExpectedCalibrationError(2, Binning.EQUAL_WIDTH).value(four))
        .isCloseTo(0, within(TOLERANCE));
    assertThat(new ExpectedCalibrationError(2, Binning.EQUAL_MASS).value(four))
        .isCloseTo(0.5 * 0.1 + 0.5 * 0.1, within(TOLERANCE));
    assertThat(new ExpectedCalibrationError(10, Binning.EQUAL_WIDTH).value(four))
        .isCloseTo((0.45 + 0.65 + 0.05 + 0.15) / 4, within(TOLERANCE));
  }

  @Test
  void reliability_table_holds_every_example_once_and_gives_the_error_back() {
    ClassificationPredictions many = Fixtures.classification(200, 4, 1.5, 1);
    for (Binning binning : Binning.values()) {
      ExpectedCalibrationError ece = new ExpectedCalibrationError(8, binning);
      List<ReliabilityBin> table = ece.reliability(many);
      assertThat(table.stream().mapToLong(ReliabilityBin::count).sum()).isEqualTo(200);
      double sum = 0;
      for (ReliabilityBin bin : table) {
        if (bin.count() > 0) {
          assertThat(bin.confidence()).isBetween(bin.lower() - 1e-9, bin.upper() + 1e-9);
          sum += bin.count() * Math.abs(bin.accuracy() - bin.confidence());
        }
      }
      assertThat(ece.value(many)).isCloseTo(sum / 200, within(TOLERANCE));
    }
  }

  @Test
  void bins_of_equal_mass_hold_equal_numbers_where_nothing_is_tied() {
    Random random = new Random(2);
    double[] confidence = new double[100];
    for (int i = 0; i < 100; i++) {
      confidence[i] = 0.5 + random.nextDouble() / 2;
    }
    List<ReliabilityBin> table =
        new ExpectedCalibrationError(10, Binning.EQUAL_MASS)
            .reliability(binary(confidence, new boolean[100]));
    assertThat(table).hasSize(10).allMatch(bin -> bin.count() == 10);
  }

  private static ClassificationPredictions binary(double[] confidence, boolean[] right) {
    double[][] scores = new double[confidence.length][];
    int[] truth = new int[confidence.length];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = new double[] {1 - confidence[i], confidence[i]};
      truth[i] = right[i] ? 1 : 0;
    }
    return ClassificationPredictions.of(List.of("no", "yes"), scores, truth, List.of());
  }
}
