package dev.luthier.train.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.data.batch.Batch;
import dev.luthier.data.batch.EncodedDataset;
import dev.luthier.data.batch.EncodedExample;
import dev.luthier.data.batch.Targets;
import dev.luthier.model.Golden;
import dev.luthier.model.Head;
import dev.luthier.model.Model;
import dev.luthier.model.ModelConfig;
import dev.luthier.model.Outputs;
import dev.luthier.model.Pretrained;
import dev.luthier.model.SourcesAndTargets;
import dev.luthier.model.Tokens;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.StepContext;
import dev.luthier.train.TokenScores;
import dev.luthier.train.objective.CrossEntropy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Beside the reference's loss (parity/golden_t5.py). */
@Proves("loss-seq2seq")
class SequenceToSequenceTest {
  private static final LossContext STEP =
      LossContext.evaluation(Rng.Key.of(0), new OptimizerState(Map.of()));
  private static final SequenceToSequence TASK = new SequenceToSequence();

  private static Path folder(String name) {
    return Path.of("../luthier-model/src/test/resources/golden", "t5-" + name);
  }

  private static Pretrained load(String name) {
    return Pretrained.load(folder(name), null, Rng.Key.of(0));
  }

  private static EncodedDataset data(String name) {
    SourcesAndTargets golden = SourcesAndTargets.open(folder(name));
    List<EncodedExample> out = new ArrayList<>();
    for (int i = 0; i < golden.count(); i++) {
      out.add(example(i, golden.sourceIds(i), golden.targetIds(i)));
    }
    return new EncodedDataset("golden", out, "golden");
  }

  private static EncodedExample example(int index, long[] source, long... target) {
    int n = source.length + target.length;
    int[] ids = new int[n];
    int[] types = new int[n];
    boolean[] learnt = new boolean[n];
    for (int i = 0; i < n; i++) {
      boolean inTarget = i >= source.length;
      ids[i] = (int) (inTarget ? target[i - source.length] : source[i]);
      types[i] = inTarget ? 1 : 0;
      learnt[i] = inTarget;
    }
    return new EncodedExample(index, index + 1, ids, types, new boolean[n], learnt, null);
  }

  private static Batch batch(List<EncodedExample> examples) {
    return TASK.collator(List.of(), null).collate(examples, Rng.Key.of(0));
  }

  @Test
  void wanted_are_the_tokens_of_the_target_and_the_answers_are_those_tokens() {
    try (Scope s = Scope.open()) {
      Batch batch =
          batch(List.of(example(0, new long[] {5}, 6), example(1, new long[] {7, 8}, 9, 4, 1)));
      assertThat(batch.tokens().ids().toLongs()).containsExactly(7, 8, 9, 4, 1, 5, 6);
      assertThat(batch.tokens().types().toLongs()).containsExactly(0, 0, 1, 1, 1, 0, 1);
      assertThat(batch.tokens().wanted().toLongs()).containsExactly(2, 3, 4, 6);
      assertThat(((Targets.Classes) batch.targets()).ids().toLongs()).containsExactly(9, 4, 1, 6);
      assertThat(batch.indices()).containsExactly(1, 0);
    }
  }

  @Test
  void an_example_that_does_not_say_what_its_target_is_is_a_defect() {
    EncodedExample text = new EncodedExample(0, 1, new int[] {5, 6}, null, new boolean[2], null);
    assertThatThrownBy(() -> batch(List.of(text))).hasMessageContaining("row 1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"relu-tied", "gated"})
  void loss_and_gradients_are_those_of_transformers(String name) {
    try (Scope s = Scope.open()) {
      Golden golden = SourcesAndTargets.open(folder(name)).values();
      Model model = load(name).model();
      EncodedDataset data = data(name);
      Loss loss = TASK.objective().compute(model, batch(data.examples()), STEP);
      assertThat(loss.weight()).isEqualTo(golden.value("loss_weight").item());
      assertThat(loss.mean()).isCloseTo(golden.value("loss").item(), within(1e-5));
      loss.sum().backward();
      Map<String, Tensor> gradients = new TreeMap<>();
      Modules.parameters(model)
          .forEach((path, p) -> gradients.put(path, p.value().grad().div(loss.weight())));
      golden.requireGradients(gradients, 1e-4);
      TokenScores[] scores = TokenScores.of(model, data, TASK.collator(List.of(), null));
      double sum = Arrays.stream(scores).mapToDouble(TokenScores::loss).sum();
      assertThat(sum).isCloseTo(golden.value("loss_sum").item(), within(1e-3));
      assertThat(scores[2].tokens()).isEqualTo(1);
    }
  }

  /** The same model, whose last layer cannot be had apart. */
  private record Whole(Model model) implements Model {
    @Override
    public Outputs forward(Tokens tokens, Pass pass) {
      return model.forward(tokens, pass);
    }

    @Override
    public void parts(Parts parts) {
      parts.module("", model);
    }
  }

  @ParameterizedTest
  @CsvSource({"relu-tied, 0", "relu-tied, 0.1", "gated, 0.1"})
  void loss_without_all_logits_equals_that_of_the_logits(String name, double smoothing) {
    try (Scope s = Scope.open()) {
      Batch batch = batch(data(name).examples());
      Model model = load(name).model();
      assertThat(model.readout(batch.tokens(), Pass.EVALUATION)).isNotNull();
      CrossEntropy objective = new CrossEntropy(smoothing);
      assertThat(objective.compute(model, batch, STEP).sum().item())
          .isCloseTo(objective.compute(new Whole(model), batch, STEP).sum().item(), within(1e-4));
    }
  }

  // ---- a batch and its parts, and finite differences ----

  private static Model toy(String block, boolean tied) {
    ModelConfig config =
        ModelConfig.parse(
            """
            {"model_type": "t5", "d_model": 4, "d_kv": 3, "num_heads": 2, "vocab_size": 9,
             "d_ff": 5, "num_layers": 1, "num_decoder_layers": 2, "dropout_rate": 0.2,
             "relative_attention_num_buckets": 4, "relative_attention_max_distance": 5,
             "feed_forward_proj": "%s", "tie_word_embeddings": %s}
            """
                .formatted(block, tied));
    Model model =
        Pretrained.random(config, null, new Head.SequenceToSequence(), Rng.Key.of(2)).model();
    Modules.parameters(model).values().forEach(p -> p.set(p.value(), DType.F64));
    return model;
  }

  private static List<EncodedExample> toyData() {
    return List.of(
        example(0, new long[] {5, 6, 1}, 3, 1),
        example(1, new long[] {7, 1}, 4, 4, 8, 1),
        example(2, new long[] {2, 1}, 1),
        example(3, new long[] {8, 2, 1}, 6, 1));
  }

  /** A step in training, dropout on. */
  private static LossContext training(Model model) {
    OptimizerState state = new OptimizerState(Modules.parameters(model));
    return new LossContext(new StepContext(3, 10, 0, 1, Rng.Key.of(8), state));
  }

  private static Map<String, Tensor> gradients(Model model) {
    Map<String, Tensor> out = new TreeMap<>();
    Modules.parameters(model)
        .forEach(
            (name, p) -> {
              Tensor g = p.value().grad();
              out.put(name, g == null ? p.value().detach().zerosLike() : g.copy());
              p.value().clearGrad();
            });
    return out;
  }

  @Test
  void any_split_of_a_batch_gives_the_same_loss_and_gradients_even_under_dropout() {
    Model model = toy("relu", true);
    try (Scope s = Scope.open()) {
      Loss whole = TASK.objective().compute(model, batch(toyData()), training(model));
      whole.sum().backward();
      Map<String, Tensor> expected = gradients(model);
      double sum = 0;
      double weight = 0;
      for (int cut = 0; cut < 4; cut++) {
        List<EncodedExample> part = toyData().subList(cut, cut + 1);
        Loss loss = TASK.objective().compute(model, batch(part), training(model));
        loss.sum().backward();
        sum += loss.sum().item();
        weight += loss.weight();
      }
      assertThat(weight).isEqualTo(whole.weight()).isEqualTo(9);
      assertThat(sum).isCloseTo(whole.sum().item(), within(1e-9));
      gradients(model)
          .forEach(
              (name, g) ->
                  assertThat(g.toDoubles())
                      .as(name)
                      .containsExactly(expected.get(name).toDoubles(), within(1e-9)));
    }
  }

  @ParameterizedTest
  @CsvSource({"relu, true", "gated-gelu, false"})
  void layers_that_are_run_again_give_the_same_bits(String block, boolean tied) {
    Model kept = toy(block, tied);
    Model again = toy(block, tied);
    assertThat(again.recompute(true)).isTrue();
    try (Scope s = Scope.open()) {
      Loss one = TASK.objective().compute(kept, batch(toyData()), training(kept));
      Loss two = TASK.objective().compute(again, batch(toyData()), training(again));
      assertThat(two.sum().item()).isEqualTo(one.sum().item());
      one.sum().backward();
      two.sum().backward();
      Map<String, Tensor> expected = gradients(kept);
      gradients(again)
          .forEach((name, g) -> assertThat(g.sameAs(expected.get(name))).as(name).isTrue());
    }
  }

  @ParameterizedTest
  @CsvSource({"relu, true", "gated-gelu, false"})
  void gradients_agree_with_finite_differences(String block, boolean tied) {
    Model model = toy(block, tied);
    try (Scope s = Scope.open()) {
      TASK.objective().compute(model, batch(toyData()), training(model)).sum().backward();
      Map<String, Tensor> found = gradients(model);
      for (Map.Entry<String, Parameter> e : Modules.parameters(model).entrySet()) {
        Parameter p = e.getValue();
        Tensor at = p.value().detach().copy();
        double[] expected =
            Autograd.finiteDifferences(
                t -> {
                  p.set(t, DType.F64);
                  return loss(model);
                },
                at,
                1e-6);
        assertThat(found.get(e.getKey()).toDoubles())
            .as(e.getKey())
            .containsExactly(expected, within(2e-6));
        p.set(at, DType.F64);
      }
    }
  }

  private static double loss(Model model) {
    try (Scope s = Scope.open();
        Autograd.Guard off = Autograd.noGrad()) {
      return TASK.objective().compute(model, batch(toyData()), training(model)).sum().item();
    }
  }
}
