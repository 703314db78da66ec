package dev.luthier.eval.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.eval.harness.Evaluation;
import dev.luthier.eval.harness.Measures;
import dev.luthier.eval.significance.Bootstrap;
import dev.luthier.eval.significance.Comparison;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class TokenMetricsTest {
  private static final double TOLERANCE = 1e-12;

  @Nested
  class OfPerplexity extends MetricContract {
    @Override
    protected Metric subject() {
      return new Perplexity();
    }
  }

  @Nested
  class OfLoss extends MetricContract {
    @Override
    protected Metric subject() {
      return new TokenLoss();
    }
  }

  @Nested
  class OfAccuracy extends MetricContract {
    @Override
    protected Metric subject() {
      return new TokenAccuracy();
    }
  }

  @Test
  void every_token_counts_the_same_however_long_its_text() {
    TokenPredictions hand =
        TokenPredictions.of(
            new double[] {3 * Math.log(2), Math.log(16)},
            new int[] {3, 1},
            new int[] {3, 0},
            List.of());
    assertThat(new TokenLoss().value(hand)).isCloseTo(7 * Math.log(2) / 4, within(TOLERANCE));
    assertThat(new Perplexity().value(hand)).isCloseTo(Math.pow(2, 1.75), within(TOLERANCE));
    assertThat(new TokenAccuracy().value(hand)).isCloseTo(0.75, within(TOLERANCE));
  }

  @Test
  void uniform_model_has_the_perplexity_of_its_vocabulary() {
    double each = Math.log(512);
    TokenPredictions uniform =
        TokenPredictions.of(
            new double[] {5 * each, 2 * each}, new int[] {5, 2}, new int[2], List.of());
    assertThat(new Perplexity().value(uniform)).isCloseTo(512, within(1e-9));
  }

  @Test
  void better_model_of_the_same_texts_is_told_from_chance_by_paired_samples_of_texts() {
    TokenPredictions base = Fixtures.tokens(200, 0, 4);
    TokenPredictions tuned = Fixtures.tokens(200, 0.5, 4);
    Comparison c = new Bootstrap().compare(new Perplexity(), base, tuned);
    assertThat(c.better()).isTrue();
    assertThat(c.base().interval().contains(c.base().value())).isTrue();
    Evaluation e = Evaluation.of(tuned, Measures.usual(tuned));
    assertThat(e.primary()).isEqualTo("perplexity");
    assertThat(e.results())
        .extracting(Evaluation.Result::metric)
        .containsExactly("perplexity", "token-loss", "token-accuracy");
  }

  @Test
  void other_tokens_are_not_compared() {
    TokenPredictions one =
        TokenPredictions.of(new double[] {1}, new int[] {2}, new int[1], List.of());
    TokenPredictions other =
        TokenPredictions.of(new double[] {1}, new int[] {3}, new int[1], List.of());
    assertThatThrownBy(() -> new Bootstrap().compare(new Perplexity(), one, other))
        .hasMessageContaining("true value of example 0 is not the same");
    assertThatThrownBy(
            () -> TokenPredictions.of(new double[] {1}, new int[] {0}, new int[1], List.of()))
        .hasMessageContaining("example 0");
  }
}
