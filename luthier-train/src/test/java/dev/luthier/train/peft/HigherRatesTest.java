package dev.luthier.train.peft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.model.Head;
import dev.luthier.model.ModelConfig;
import dev.luthier.model.Pretrained;
import dev.luthier.model.Tokens;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.model.nn.Stability.Attention;
import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import dev.luthier.train.Gradients;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;
import dev.luthier.train.optim.AdamW;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A small decoder learns that a block of eight random tokens comes three times, for which it has to
 * look back. At a rate of 0.03 it learns that as it is, at 0.06 it stays at chance; with norms in
 * its attention it learns it at 0.06 too. So it was with all three seeds that were tried, of which
 * one is run here.
 */
class HigherRatesTest {
  private static final int WORDS = 32;
  private static final int BLOCK = 8;
  private static final int LENGTH = 3 * BLOCK;
  private static final int BATCH = 16;
  private static final int STEPS = 300;
  private static final int WARMUP = 20;
  private static final Rng.Key KEY = Rng.Key.of(1);

  /** The mean loss of the last steps, as a share of that of guessing. */
  private static double loss(TrainStability norms, double rate) {
    try (Scope run = Scope.open()) {
      Pretrained model = decoder();
      var unused = norms.apply(model, KEY.with("norms"));
      Map<String, Parameter> parameters = Modules.parameters(model.model());
      List<ParameterGroup> groups = List.of(new ParameterGroup("all", parameters, 1, true));
      OptimizerState state = new OptimizerState(parameters);
      AdamW adamw = new AdamW(rate, 0.9, 0.98, 1e-8, 0);
      double sum = 0;
      for (int n = 0; n < STEPS; n++) {
        try (Scope step = Scope.open()) {
          Tensor loss = repeating(model, KEY.with("batch").with(n));
          loss.backward();
          sum += n < STEPS - 50 ? 0 : loss.item() / 50;
          double factor = Math.min(1, (n + 1) / (double) WARMUP);
          Gradients gradients = Gradients.collect(groups);
          adamw.apply(groups.get(0), gradients, new StepContext(n, STEPS, 0, factor, KEY, state));
          gradients.clear();
        }
      }
      return sum / Math.log(WORDS);
    }
  }

  private static Pretrained decoder() {
    String config =
        """
        {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": 32,
         "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
         "num_attention_heads": 2, "num_key_value_heads": 2, "max_position_embeddings": 64,
         "initializer_range": 0.1}
        """;
    return Pretrained.random(ModelConfig.parse(config), null, new Head.CausalLanguageModel(), KEY);
  }

  /** The mean loss of the tokens that repeat an earlier one. */
  private static Tensor repeating(Pretrained model, Rng.Key key) {
    long[] ids = new long[BATCH * LENGTH];
    int repeated = LENGTH - BLOCK;
    long[] at = new long[BATCH * repeated];
    long[] next = new long[at.length];
    for (int b = 0; b < BATCH; b++) {
      for (int i = 0; i < LENGTH; i++) {
        ids[b * LENGTH + i] = key.with(b).below(i % BLOCK, WORDS);
      }
      for (int i = 0; i < repeated; i++) {
        at[b * repeated + i] = (long) b * LENGTH + BLOCK - 1 + i;
        next[b * repeated + i] = ids[b * LENGTH + BLOCK + i];
      }
    }
    int[] lengths = new int[BATCH];
    Arrays.fill(lengths, LENGTH);
    Tokens tokens = new Tokens(Tensor.of(ids, ids.length), new Segments(lengths, new long[BATCH]));
    Tensor logits = model.model().forward(tokens, Pass.EVALUATION).requireLogits();
    Tensor asked = logits.indexSelect(0, Tensor.of(at, at.length));
    return Functional.crossEntropySum(asked, Tensor.of(next, next.length), null, 0)
        .div((double) next.length);
  }

  @Test
  @Proves("p-train-stability")
  void a_plain_decoder_learns_at_a_rate_and_fails_at_twice_that() {
    TrainStability none = new TrainStability(Attention.PLAIN, 50, false);
    assertThat(loss(none, 0.03)).isLessThan(0.5);
    assertThat(loss(none, 0.06)).isGreaterThan(0.9);
  }

  @ParameterizedTest(name = "{0}, outputs {1}")
  @CsvSource({"QK_NORM, false", "QK_NORM_CAP, false", "QKV_NORM, false", "QK_NORM, true"})
  @Proves("p-train-stability")
  void norms_in_its_attention_let_it_learn_at_the_rate_where_it_fails(
      Attention attention, boolean outputs) {
    assertThat(loss(new TrainStability(attention, 50, outputs), 0.06)).isLessThan(0.6);
  }
}
