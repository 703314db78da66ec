package dev.luthier.train.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.data.batch.Batch;
import dev.luthier.data.batch.EncodedDataset;
import dev.luthier.data.batch.EncodedExample;
import dev.luthier.data.batch.Targets;
import dev.luthier.model.Golden;
import dev.luthier.model.Model;
import dev.luthier.model.Outputs;
import dev.luthier.model.Pretrained;
import dev.luthier.model.Readout;
import dev.luthier.model.Tokens;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Pass;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.TokenScores;
import dev.luthier.train.objective.CrossEntropy;
import dev.luthier.train.peft.FullTuning;
import dev.luthier.train.peft.Lora;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CausalLanguageModellingTest {
  private static final LossContext STEP =
      LossContext.evaluation(Rng.Key.of(0), new OptimizerState(Map.of()));
  private static final long NO_LABEL = -100;

  private static Path folder(String golden) {
    return Path.of("../luthier-model/src/test/resources/golden", golden);
  }

  private static Pretrained load(String golden) {
    return Pretrained.load(folder(golden), null, Rng.Key.of(0));
  }

  /** The rows of a golden file, with what is learnt where they have labels. */
  private static EncodedDataset data(Golden golden) {
    long[] ids = golden.real("input_ids").toLongs();
    long[] labels = golden.real("labels").toLongs();
    List<EncodedExample> out = new ArrayList<>();
    int at = 0;
    for (int length : golden.lengths()) {
      int[] own = new int[length];
      boolean[] learnt = new boolean[length];
      for (int j = 0; j < length; j++, at++) {
        own[j] = (int) ids[at];
        learnt[j] = j > 0 && labels[at] != NO_LABEL;
        assertThat(labels[at]).isIn(NO_LABEL, ids[at]);
      }
      int i = out.size();
      out.add(new EncodedExample(i, i + 1, own, null, new boolean[length], learnt, null));
    }
    return new EncodedDataset("golden", out, "golden");
  }

  private static Batch batch(EncodedDataset data) {
    return new CausalLanguageModelling()
        .collator(List.of(), null)
        .collate(data.examples(), Rng.Key.of(0));
  }

  private static EncodedExample example(int index, int[] ids, boolean... learnt) {
    return new EncodedExample(index, index + 1, ids, null, new boolean[ids.length], learnt, null);
  }

  @Test
  void wanted_are_the_tokens_before_those_to_be_learnt() {
    try (Scope s = Scope.open()) {
      Batch batch =
          batch(
              new EncodedDataset(
                  "x",
                  List.of(
                      example(0, new int[] {5, 6}, false, true),
                      example(1, new int[] {7, 8, 9, 4}, false, false, true, true)),
                  "x"));
      assertThat(batch.tokens().ids().toLongs()).containsExactly(7, 8, 9, 4, 5, 6);
      assertThat(batch.tokens().wanted().toLongs()).containsExactly(1, 2, 4);
      assertThat(((Targets.Classes) batch.targets()).ids().toLongs()).containsExactly(9, 4, 6);
    }
  }

  @Test
  void first_token_cannot_be_learnt() {
    EncodedDataset data =
        new EncodedDataset("x", List.of(example(0, new int[] {5, 6}, true, true)), "x");
    assertThatThrownBy(() -> batch(data)).hasMessageContaining("row 1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama-causal-lm", "llama-causal-lm-tied"})
  @Proves("obj-clm")
  void loss_and_gradients_are_those_of_transformers(String name) {
    try (Scope s = Scope.open()) {
      Golden golden = Golden.open(folder(name), "golden.safetensors");
      Pretrained model = load(name);
      new FullTuning().apply(model, Rng.Key.of(0));
      EncodedDataset data = data(golden);
      Loss loss = new CrossEntropy().compute(model.model(), batch(data), STEP);
      assertThat(loss.weight()).isEqualTo(golden.value("loss_weight").item());
      assertThat(loss.mean()).isCloseTo(golden.value("loss").item(), within(1e-5));
      loss.sum().backward();
      Map<String, Tensor> gradients = new TreeMap<>();
      Modules.parameters(model.model())
          .forEach(
              (path, p) -> {
                if (golden.has("grad." + path)) {
                  gradients.put(path, p.value().grad().div(loss.weight()));
                }
              });
      golden.requireGradients(gradients, 1e-4);

      TokenScores[] scores =
          TokenScores.of(
              model.model(), data, new CausalLanguageModelling().collator(List.of(), null));
      double sum = 0;
      double tokens = 0;
      for (TokenScores score : scores) {
        sum += score.loss();
        tokens += score.tokens();
      }
      assertThat(Math.exp(sum / tokens))
          .isCloseTo(Math.exp(golden.value("loss").item()), within(1e-3));
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
  @ValueSource(strings = {"llama-causal-lm", "llama-causal-lm-tied"})
  void loss_without_all_logits_equals_that_of_the_logits_and_so_do_the_scores(String name) {
    try (Scope s = Scope.open()) {
      EncodedDataset data = data(Golden.open(folder(name), "golden.safetensors"));
      Model model = load(name).model();
      Whole whole = new Whole(model);
      CrossEntropy objective = new CrossEntropy(0.1);
      assertThat(model.readout(batch(data).tokens(), Pass.EVALUATION)).isNotNull();
      assertThat(objective.compute(model, batch(data), STEP).sum().item())
          .isCloseTo(objective.compute(whole, batch(data), STEP).sum().item(), within(1e-4));
      var collator = new CausalLanguageModelling().collator(List.of(), null);
      TokenScores[] apart = TokenScores.of(model, data, collator);
      TokenScores[] together = TokenScores.of(whole, data, collator);
      for (int i = 0; i < apart.length; i++) {
        assertThat(apart[i].tokens()).isEqualTo(together[i].tokens());
        assertThat(apart[i].right()).isEqualTo(together[i].right());
        assertThat(apart[i].loss()).isCloseTo(together[i].loss(), within(1e-4));
      }
    }
  }

  @Test
  @Proves("obj-clm")
  void uniform_model_has_the_logarithm_of_the_vocabulary_as_loss_of_each_token() {
    try (Scope s = Scope.open()) {
      Pretrained model = load("llama-causal-lm");
      Modules.parameters(model.model()).get("lm_head.weight").value().detach().fill(0);
      EncodedDataset data =
          new EncodedDataset(
              "x", List.of(example(0, new int[] {5, 6, 7}, false, false, true)), "x");
      Loss loss = new CrossEntropy().compute(model.model(), batch(data), STEP);
      assertThat(loss.weight()).isEqualTo(1);
      assertThat(loss.mean()).isCloseTo(Math.log(96), within(1e-5));
      assertThat(Math.exp(loss.mean())).isCloseTo(96, within(1e-3));
    }
  }

  @Test
  void an_adapted_last_layer_is_taken_whole() {
    try (Scope s = Scope.open()) {
      EncodedDataset data =
          new EncodedDataset("x", List.of(example(0, new int[] {5, 6, 7}, false, true, true)), "x");
      Pretrained model = load("llama-causal-lm");
      Lora plain = new Lora();
      Lora lora =
          new Lora(
              4,
              8,
              0,
              List.of("lm_head"),
              plain.exclude(),
              false,
              plain.bias(),
              null,
              List.of(),
              Map.of(),
              Map.of(),
              plain.init());
      double before = new CrossEntropy().compute(model.model(), batch(data), STEP).mean();
      lora.apply(model, Rng.Key.of(1));
      Readout readout = model.model().readout(batch(data).tokens(), Pass.EVALUATION);
      assertThat(readout).isNull();
      Loss loss = new CrossEntropy().compute(model.model(), batch(data), STEP);
      assertThat(loss.mean()).isCloseTo(before, within(1e-6));
      loss.sum().backward();
      assertThat(Modules.parameters(model.model()).entrySet().stream())
          .anyMatch(e -> e.getKey().contains("lora_B") && e.getValue().value().grad() != null);
    }
  }
}
