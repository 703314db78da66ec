package dev.luthier.train.objective;

import dev.luthier.data.batch.Collator;
import dev.luthier.train.Objective;
import dev.luthier.train.loop.ToyModel;

class HuberTest extends ObjectiveContract {
  @Override
  protected Objective subject() {
    return new Huber(0.4);
  }

  @Override
  protected Collator collator() {
    return ToyModel.scores();
  }

  @Override
  protected int logits() {
    return 1;
  }
}
