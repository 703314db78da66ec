package dev.luthier.train.objective;

import dev.luthier.model.Pooling;
import dev.luthier.train.Objective;

class ContrastivePairsTest extends ObjectiveContract {
  @Override
  protected Objective subject() {
    return new ContrastivePairs(1.5, Pooling.Kind.MEAN, true);
  }
}
