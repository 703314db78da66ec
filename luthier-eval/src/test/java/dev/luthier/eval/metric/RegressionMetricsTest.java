package dev.luthier.eval.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.testing.Proves;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

@Proves("metric-mae-mse")
class RegressionMetricsTest {
  private static final double TOLERANCE = 1e-12;

  @Nested
  class Mae extends MetricContract {
    @Override
    protected Metric subject() {
      return new MeanAbsoluteError();
    }
  }

  @Nested
  class Mse extends MetricContract {
    @Override
    protected Metric subject() {
      return new MeanSquaredError();
    }
  }

  @Nested
  class Rmse extends MetricContract {
    @Override
    protected Metric subject() {
      return new RootMeanSquaredError();
    }
  }

  @Nested
  class RSquared extends MetricContract {
    @Override
    protected Metric subject() {
      return new CoefficientOfDetermination();
    }
  }

  @Nested
  class Pearson extends MetricContract {
    @Override
    protected Metric subject() {
      return new PearsonCorrelation();
    }
  }

  @Nested
  class Spearman extends MetricContract {
    @Override
    protected Metric subject() {
      return new SpearmanCorrelation();
    }
  }

  @Test
  void equal_the_values_worked_by_hand() {
    RegressionPredictions hand =
        RegressionPredictions.of(new double[] {1, 2, 5}, new double[] {1, 4, 4}, List.of());
    assertThat(new MeanAbsoluteError().value(hand)).isCloseTo(1, within(TOLERANCE));
    assertThat(new MeanSquaredError().value(hand)).isCloseTo(5 / 3.0, within(TOLERANCE));
    assertThat(new RootMeanSquaredError().value(hand))
        .isCloseTo(Math.sqrt(5 / 3.0), within(TOLERANCE));
    assertThat(new CoefficientOfDetermination().value(hand))
        .isCloseTo(1 - 5 / 6.0, within(TOLERANCE));
  }

  @Test
  void equal_the_reference() {
    RegressionPredictions values = Reference.values();
    assertThat(new MeanAbsoluteError().value(values)).isCloseTo(expected("mae"), within(TOLERANCE));
    assertThat(new MeanSquaredError().value(values)).isCloseTo(expected("mse"), within(TOLERANCE));
    assertThat(new CoefficientOfDetermination().value(values))
        .isCloseTo(expected("r2_true=x_pred=y"), within(TOLERANCE));
    assertThat(new PearsonCorrelation().value(values))
        .isCloseTo(expected("pearson"), within(TOLERANCE));
    assertThat(new SpearmanCorrelation().value(values))
        .isCloseTo(expected("spearman_with_ties"), within(TOLERANCE));
  }

  @Test
  void correlations_of_a_constant_are_undefined() {
    RegressionPredictions constant =
        RegressionPredictions.of(new double[] {2, 2}, new double[] {1, 3}, List.of());
    assertThat(new PearsonCorrelation().value(constant)).isNaN();
    assertThat(new SpearmanCorrelation().value(constant)).isNaN();
  }

  private static double expected(String name) {
    return Reference.expected("/regression/" + name);
  }
}
