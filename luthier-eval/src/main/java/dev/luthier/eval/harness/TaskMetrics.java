package dev.luthier.eval.harness;

import dev.luthier.eval.metric.Accuracy;
import dev.luthier.eval.metric.AucRoc;
import dev.luthier.eval.metric.AveragePrecision;
import dev.luthier.eval.metric.ClassificationPredictions;
import dev.luthier.eval.metric.CoefficientOfDetermination;
import dev.luthier.eval.metric.ExpectedCalibrationError;
import dev.luthier.eval.metric.LogLoss;
import dev.luthier.eval.metric.MacroF1;
import dev.luthier.eval.metric.MatthewsCorrelation;
import dev.luthier.eval.metric.MeanAbsoluteError;
import dev.luthier.eval.metric.Metric;
import dev.luthier.eval.metric.MicroF1;
import dev.luthier.eval.metric.PearsonCorrelation;
import dev.luthier.eval.metric.Perplexity;
import dev.luthier.eval.metric.Predictions;
import dev.luthier.eval.metric.Predictions.Kind;
import dev.luthier.eval.metric.RootMeanSquaredError;
import dev.luthier.eval.metric.SpearmanCorrelation;
import dev.luthier.eval.metric.TokenAccuracy;
import dev.luthier.eval.metric.TokenLoss;
import dev.luthier.eval.metric.TopKAccuracy;
import dev.luthier.eval.metric.WeightedF1;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/** Which metrics belong to which form of task. */
public final class TaskMetrics {
  private TaskMetrics() {}

  /** Every metric on the class path that is defined for a form of task, sorted by key. */
  public static List<Metric> available(Kind kind) {
    return ServiceLoader.load(Metric.class).stream()
        .map(ServiceLoader.Provider::get)
        .filter(metric -> metric.kinds().contains(kind))
        .sorted((a, b) -> a.key().compareTo(b.key()))
        .toList();
  }

  /** What a report shows where nobody chose, the most telling first. */
  public static List<Metric> usual(Predictions predictions) {
    return switch (predictions.kind()) {
      case CLASSIFICATION -> usual((ClassificationPredictions) predictions);
      case MULTI_LABEL ->
          List.of(
              new MicroF1(),
              new MacroF1(),
              new Accuracy(),
              new AveragePrecision(),
              new AucRoc(),
              new LogLoss());
      case REGRESSION ->
          List.of(
              new PearsonCorrelation(),
              new SpearmanCorrelation(),
              new CoefficientOfDetermination(),
              new MeanAbsoluteError(),
              new RootMeanSquaredError());
      case TOKENS -> List.of(new Perplexity(), new TokenLoss(), new TokenAccuracy());
    };
  }

  private static List<Metric> usual(ClassificationPredictions predictions) {
    List<Metric> metrics =
        new ArrayList<>(
            List.of(
                new Accuracy(),
                new MacroF1(),
                new MicroF1(),
                new WeightedF1(),
                new ExpectedCalibrationError(),
                new MatthewsCorrelation(),
                new AucRoc(),
                new LogLoss()));
    TopKAccuracy topK = new TopKAccuracy();
    if (predictions.classes() > topK.k()) {
      metrics.add(4, topK);
    }
    return List.copyOf(metrics);
  }
}
