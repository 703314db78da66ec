package dev.luthier.train.objective;

import dev.luthier.data.batch.Collator;
import dev.luthier.train.Objective;
import dev.luthier.train.loop.ToyModel;

class MeanAbsoluteErrorTest extends ObjectiveContract {
  @Override
  protected Objective subject() {
    return new MeanAbsoluteError();
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
