package dev.luthier.eval.report;

import dev.luthier.eval.metric.ClassificationPredictions;
import dev.luthier.eval.metric.ExpectedCalibrationError;
import dev.luthier.eval.metric.ExpectedCalibrationError.Binning;
import dev.luthier.eval.metric.ReliabilityBin;
import java.util.List;

/**
 * How far a model's confidence can be believed.
 *
 * @param equalWidth expected calibration error over bins of equal width
 * @param equalMass the same over bins of equal numbers of examples
 * @param bins the reliability table, over bins of equal width
 */
public record Calibration(double equalWidth, double equalMass, List<ReliabilityBin> bins) {
  private static final int BINS = 15;

  static Calibration of(ClassificationPredictions predictions) {
    ExpectedCalibrationError width = new ExpectedCalibrationError(BINS, Binning.EQUAL_WIDTH);
    return new Calibration(
        width.value(predictions),
        new ExpectedCalibrationError(BINS, Binning.EQUAL_MASS).value(predictions),
        width.reliability(predictions));
  }
}
