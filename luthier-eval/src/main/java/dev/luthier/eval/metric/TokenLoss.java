package dev.luthier.eval.metric;

import com.google.auto.service.AutoService;
import dev.luthier.eval.metric.Predictions.Kind;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import java.util.Set;

/** The mean -log p of the tokens that were to be predicted, in nats, over all texts together. */
@Technique(
    id = "metric-logloss",
    key = "token-loss",
    name = "Loss per token",
    area = Area.METRIC,
    paper = "Good 1952")
@AutoService(Metric.class)
public record TokenLoss() implements Metric {

  @Override
  public Set<Kind> kinds() {
    return Set.of(Kind.TOKENS);
  }

  @Override
  public boolean higherIsBetter() {
    return false;
  }

  @Override
  public Statistic over(Predictions predictions) {
    if (!(predictions instanceof TokenPredictions texts)) {
      throw unsuited(predictions);
    }
    return TokenMeans.of(texts, texts::loss, loss -> loss);
  }
}
