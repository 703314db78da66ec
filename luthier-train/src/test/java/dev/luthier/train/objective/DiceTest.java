package dev.luthier.train.objective;

import dev.luthier.data.batch.Collator;
import dev.luthier.train.Objective;
import dev.luthier.train.loop.ToyModel;

class DiceTest extends ObjectiveContract {
  @Override
  protected Objective subject() {
    return new Dice(0.7);
  }

  @Override
  protected Collator collator() {
    return ToyModel.flags();
  }
}
