package dev.luthier.run;

import dev.luthier.train.Listener;
import dev.luthier.train.loop.Trainer;
import org.jspecify.annotations.Nullable;

/** Carries a wish to stop to the trainer, as long as there is one. */
final class Stop {
  private @Nullable Trainer trainer;

  /** Trains; meanwhile a wish to stop reaches the trainer. */
  Listener.Outcome during(Trainer training) {
    set(training);
    try {
      return training.run();
    } finally {
      set(null);
    }
  }

  /** Whether somebody was there to hear the wish. */
  synchronized boolean request() {
    if (trainer == null) {
      return false;
    }
    trainer.requestStop();
    return true;
  }

  private synchronized void set(@Nullable Trainer training) {
    trainer = training;
  }
}
