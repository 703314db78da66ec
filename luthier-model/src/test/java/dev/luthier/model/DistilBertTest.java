package dev.luthier.model;

import java.nio.file.Path;
import java.util.List;

class DistilBertTest extends FamilyContract {
  @Override
  protected Path golden() {
    return Resources.golden();
  }

  @Override
  protected String family() {
    return "distilbert";
  }

  @Override
  protected List<String> dropoutKeys() {
    return List.of("dropout", "attention_dropout", "seq_classif_dropout");
  }

  @Override
  protected String lastLayer() {
    return "classifier";
  }
}
