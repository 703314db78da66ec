package dev.luthier.model;

import dev.luthier.testing.Proves;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

@Proves("bert")
class BertTest extends FamilyContract {
  @Override
  protected Path golden() {
    return Resources.golden();
  }

  @Override
  protected String family() {
    return "bert";
  }

  @Override
  protected List<String> dropoutKeys() {
    return List.of("hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout");
  }

  @Override
  protected String lastLayer() {
    return "classifier";
  }

  @Test
  void pairs_of_texts_are_told_apart_by_their_segments() {
    requireParity(folder("sequence-classification"), "golden-pair.safetensors");
  }

  @Test
  void other_activations_are_those_of_the_reference() {
    requireParity(folder("gelu-new"), "golden.safetensors");
    requireParity(folder("relu"), "golden.safetensors");
  }
}
