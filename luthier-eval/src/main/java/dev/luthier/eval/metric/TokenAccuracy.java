package dev.luthier.eval.metric;

import com.google.auto.service.AutoService;
import dev.luthier.eval.metric.Predictions.Kind;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import java.util.Set;

/** The share of the tokens to be predicted that the model held the likeliest. */
@Technique(
    id = "metric-accuracy",
    key = "token-accuracy",
    name = "Token accuracy",
    area = Area.METRIC,
    paper = "Provost et al. 1998, \"The case against accuracy estimation\"")
@AutoService(Metric.class)
public record TokenAccuracy() implements Metric {

  @Override
  public Set<Kind> kinds() {
    return Set.of(Kind.TOKENS);
  }

  @Override
  public boolean share() {
    return true;
  }

  @Override
  public Statistic over(Predictions predictions) {
    if (!(predictions instanceof TokenPredictions texts)) {
      throw unsuited(predictions);
    }
    return TokenMeans.of(texts, texts::right, share -> share);
  }
}
