package dev.luthier.model;

import java.nio.file.Path;
import java.util.List;

class RobertaTest extends FamilyContract {
  @Override
  protected Path golden() {
    return Resources.golden();
  }

  @Override
  protected String family() {
    return "roberta";
  }

  @Override
  protected List<String> dropoutKeys() {
    return List.of("hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout");
  }

  @Override
  protected String lastLayer() {
    return "classifier.out_proj";
  }
}
