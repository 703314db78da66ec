package dev.luthier.train.loop;

import dev.luthier.train.Listener;
import java.util.ArrayList;
import java.util.List;

/** Runs a trainer and asks it to stop after a step, as a signal would. */
public final class AskedToStop implements Listener {
  private final long after;
  private Trainer trainer;

  private AskedToStop(long after) {
    this.after = after;
  }

  /**
   * Runs.
   *
   * @param after so many steps, from the beginning of the whole run; -1 to run to the end
   */
  public static Outcome run(Trainer.Setup setup, long after) {
    AskedToStop asks = new AskedToStop(after);
    List<Listener> listeners = new ArrayList<>(setup.listeners());
    listeners.add(asks);
    asks.trainer =
        new Trainer(
            new Trainer.Setup(
                setup.model(),
                setup.objective(),
                setup.optimizer(),
                setup.schedule(),
                setup.data(),
                setup.collator(),
                setup.spec(),
                listeners,
                setup.checkpoints(),
                setup.validation(),
                setup.origin()));
    return asks.trainer.run();
  }

  @Override
  public Wish stepped(StepReport step) {
    if (step.step() + 1 == after) {
      trainer.requestStop();
    }
    return Wish.NONE;
  }
}
