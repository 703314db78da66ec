package dev.luthier.train.objective;

import dev.luthier.train.Objective;

class JaccardTest extends ObjectiveContract {
  @Override
  protected Objective subject() {
    return new Jaccard(0.7);
  }
}
