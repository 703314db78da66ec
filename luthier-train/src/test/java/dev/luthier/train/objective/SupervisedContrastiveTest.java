package dev.luthier.train.objective;

import dev.luthier.model.Pooling;
import dev.luthier.train.Objective;

class SupervisedContrastiveTest extends ObjectiveContract {
  @Override
  protected Objective subject() {
    return new SupervisedContrastive(0.5, Pooling.Kind.MEAN);
  }
}
