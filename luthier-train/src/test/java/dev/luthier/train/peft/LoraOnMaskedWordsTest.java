package dev.luthier.train.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.data.batch.Collator;
import dev.luthier.data.batch.EncodedExample;
import dev.luthier.model.Pretrained;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Adapted;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.StepContext;
import dev.luthier.train.objective.CrossEntropy;
import dev.luthier.train.task.MaskedLanguageModelling;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** LoRA in a head that reads only the hidden words of a batch. */
class LoraOnMaskedWordsTest {
  private static final LossContext STEP =
      new LossContext(new StepContext(3, 10, 0, 1, Rng.Key.of(8), new OptimizerState(Map.of())));

  @TempDir private Path folder;

  @Test
  void the_gradient_does_not_depend_on_how_the_batch_is_split_dropout_included()
      throws IOException {
    Pretrained model = model();
    Adapted adapted =
        new LoraOptions()
            .targets("query", "cls.predictions.transform.dense")
            .dropout(0.3)
            .lora()
            .apply(model, Rng.Key.of(1));
    Collator collator = new MaskedLanguageModelling(0.15).collator(List.of(), model.tokenizer());
    List<EncodedExample> examples = IntStream.range(0, 12).mapToObj(this::example).toList();

    Map<String, double[]> whole = gradients(model, adapted, collator, List.of(examples));
    Map<String, double[]> split =
        gradients(model, adapted, collator, examples.stream().map(List::of).toList());

    assertThat(whole.keySet()).anyMatch(key -> key.contains("transform.dense.lora_B"));
    whole.forEach((key, g) -> assertThat(split.get(key)).as(key).containsExactly(g, within(1e-5)));
  }

  private static Map<String, double[]> gradients(
      Pretrained model, Adapted adapted, Collator collator, List<List<EncodedExample>> parts) {
    try (Scope scope = Scope.open()) {
      for (List<EncodedExample> part : parts) {
        var batch = collator.collate(part, STEP.key());
        Loss loss = new CrossEntropy().compute(model.model(), batch, STEP);
        loss.sum().backward();
      }
      Map<String, double[]> out = new TreeMap<>();
      LoraTest.gradientsOf(adapted).forEach((key, g) -> out.put(key, g.toDoubles()));
      ((LoraAdapted) adapted).tensors().values().forEach(p -> p.value().clearGrad());
      return out;
    }
  }

  /** Texts of two to nine words, so that some have no hidden one. */
  private EncodedExample example(int i) {
    int length = 4 + i % 8;
    int[] ids = IntStream.range(0, length).map(j -> 10 + Rng.Key.of(i).below(j, 100)).toArray();
    boolean[] special = new boolean[length];
    special[0] = true;
    special[length - 1] = true;
    return new EncodedExample(i, i + 1, ids, null, special, null);
  }

  private Pretrained model() throws IOException {
    for (String file :
        List.of(
            "bert-masked-lm/config.json",
            "bert-masked-lm/model.safetensors",
            "tokenizers/wordpiece/tokenizer.json",
            "tokenizers/wordpiece/tokenizer_config.json")) {
      try (InputStream in = Tensor.class.getResourceAsStream("/golden/" + file)) {
        Files.write(
            folder.resolve(Path.of(file).getFileName()),
            Objects.requireNonNull(in, file).readAllBytes());
      }
    }
    return Pretrained.load(folder, null, Rng.Key.of(0));
  }
}
