package dev.luthier.eval.metric;

import com.google.auto.service.AutoService;
import dev.luthier.eval.metric.Predictions.Kind;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import java.util.Set;

/** exp of the mean -log p of the tokens that were to be predicted, over all texts together. */
@Technique(
    id = "metric-perplexity",
    key = "perplexity",
    name = "Perplexity",
    area = Area.METRIC,
    paper = "Jelinek et al. 1977")
@AutoService(Metric.class)
public record Perplexity() implements Metric {

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
    return TokenMeans.of(texts, texts::loss, Math::exp);
  }
}
