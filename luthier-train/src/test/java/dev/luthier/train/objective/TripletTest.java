package dev.luthier.train.objective;

import dev.luthier.model.Pooling;
import dev.luthier.train.Objective;

class TripletTest extends ObjectiveContract {
  @Override
  protected Objective subject() {
    return new Triplet(0.4, Triplet.Mining.RANDOM, Pooling.Kind.FIRST);
  }
}
