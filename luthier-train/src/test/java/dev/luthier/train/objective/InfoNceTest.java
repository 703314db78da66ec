package dev.luthier.train.objective;

import dev.luthier.model.Pooling;
import dev.luthier.train.Objective;

class InfoNceTest extends ObjectiveContract {
  @Override
  protected Objective subject() {
    return new InfoNce(0.5, Pooling.Kind.MEAN);
  }

  @Override
  protected boolean needsTargets() {
    return false;
  }
}
