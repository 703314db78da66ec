package dev.luthier.train.objective;

import dev.luthier.train.Objective;

class CrossEntropyTest extends ObjectiveContract {
  @Override
  protected Objective subject() {
    return new CrossEntropy(0.1, new ClassWeights(true, java.util.Map.of("1", 2.5)));
  }
}
