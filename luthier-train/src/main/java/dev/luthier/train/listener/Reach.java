package dev.luthier.train.listener;

import dev.luthier.train.Finding;
import dev.luthier.train.Listener;
import dev.luthier.train.Listener.RunInfo;
import java.util.List;

/**
 * Says so where what looks every so many steps has nothing to look at, since the run is shorter.
 */
final class Reach {
  private Reach() {}

  static void tell(String topic, int every, RunInfo run, Listener audience) {
    if (run.start() == 0 && every > run.steps()) {
      String saw =
          "it looks every %d steps, and the run has %d, so it never looks."
              .formatted(every, run.steps());
      String remedy = "a lower every, at most %d, of %s in watch".formatted(run.steps(), topic);
      audience.found(new Finding(topic, 0, 0, saw, List.of(remedy)));
    }
  }
}
