package dev.luthier.train.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.model.Golden;
import dev.luthier.model.Head;
import dev.luthier.model.ModelConfig;
import dev.luthier.model.Pretrained;
import dev.luthier.model.SourcesAndTargets;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Pass;
import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import dev.luthier.train.Adapted;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** LoRA on an encoder-decoder, beside PEFT's (parity/golden_t5.py). */
@Proves("lora")
class LoraOnPairsTest {
  private static final Path BASE =
      Path.of("../luthier-model/src/test/resources/golden", "t5-gated");
  private static final Path ADAPTER = Path.of("src/test/resources/golden/t5-lora");
  private static final String PREFIX = "base_model.model.";

  @TempDir private Path temporary;

  private static Pretrained base() {
    return Pretrained.load(BASE, null, Rng.Key.of(0));
  }

  private static Tensor logits(Pretrained model, SourcesAndTargets golden) {
    return model.model().forward(golden.tokens(), Pass.EVALUATION).requireLogits();
  }

  @Test
  void an_adapter_of_the_reference_gives_its_logits_and_gradients() {
    assertThat(PeftFolder.head(ADAPTER, ModelConfig.read(BASE)))
        .contains(new Head.SequenceToSequence());
    try (Scope scope = Scope.open()) {
      SourcesAndTargets golden = SourcesAndTargets.open(ADAPTER);
      Pretrained model = base();
      PeftFolder.load(ADAPTER, model);
      Tensor logits = logits(model, golden);
      Golden.requireClose("logits", logits, golden.target("logits"), 1e-5);
      Tensor labels = golden.target("labels");
      Tensor loss =
          Functional.crossEntropySum(logits, labels, null, 0).div((double) labels.count());
      assertThat(loss.item()).isCloseTo(golden.values().value("loss").item(), within(1e-5));
      loss.backward();
      Map<String, Tensor> gradients = new TreeMap<>();
      Modules.parameters(model.model())
          .forEach(
              (name, p) -> {
                if (p.trainable()) {
                  gradients.put(PREFIX + name, p.value().grad());
                }
              });
      golden.values().requireGradients(gradients, 1e-4);
    }
  }

  @Test
  void every_linear_layer_but_the_head_is_adapted_and_saved_for_peft() {
    Pretrained model = base();
    Adapted adapted = new Lora(4, 8).apply(model, Rng.Key.of(3));
    Set<String> kinds =
        Modules.parameters(model.model()).keySet().stream()
            .filter(n -> n.endsWith(".lora_A.weight"))
            .map(n -> n.replaceAll(".*\\.(\\w+)\\.lora_A\\.weight", "$1"))
            .collect(Collectors.toSet());
    assertThat(kinds).containsExactlyInAnyOrder("q", "k", "v", "o", "wi_0", "wi_1", "wo");
    try (Scope scope = Scope.open()) {
      Modules.parameters(model.model())
          .forEach(
              (name, p) -> {
                if (name.contains("lora_B")) {
                  p.set(Rng.normal(Rng.Key.of(9).with(name), 0, 0.2, p.shape()), p.value().dtype());
                }
              });
      SourcesAndTargets golden = SourcesAndTargets.open(ADAPTER);
      adapted.save(temporary);
      Pretrained again = base();
      PeftFolder.load(temporary, again);
      assertThat(logits(again, golden).sameAs(logits(model, golden))).isTrue();
      assertThat(temporary.resolve("adapter_config.json"))
          .content()
          .contains("\"SEQ_2_SEQ_LM\"", "\"encoder.block.0.layer.0.SelfAttention.q\"")
          .doesNotContain("lm_head");
    }
  }
}
