package dev.luthier.run.plan;

import dev.luthier.train.Passes;
import java.util.List;

/** Counts the arithmetic of a run. */
final class WorkPlanner {
  private WorkPlanner() {}

  static Plan.Work work(Subject subject) {
    double training =
        subject.course().steps().stream()
            .flatMap(List::stream)
            .mapToDouble(b -> step(subject, b))
            .sum();
    training -= notRunAgain(subject);
    double evaluating =
        forward(subject, subject.askedBefore())
            + forward(subject, subject.askedAfter())
            + subject.course().evaluations() * forward(subject, subject.validated());
    long parts = subject.course().steps().stream().mapToLong(List::size).sum();
    long rows = Math.max(1, subject.course().tokens() / parts);
    double rate = MatmulRate.measure(rows, subject.walk().parts());
    return new Plan.Work(training, evaluating, rate, (training + evaluating) / rate);
  }

  /** The passes of the objective; two forward ones where there is no backward pass. */
  private static double step(Subject subject, BatchShape batch) {
    double forward = subject.walk().evaluation(batch).operations();
    if (!subject.updated().optimizer().needsGradients()) {
      return 2 * forward;
    }
    Passes passes = subject.run().recipe().objective().passes();
    return passes.held() * subject.walk().training(batch).operations() + passes.aside() * forward;
  }

  /** What the frozen lowest layers would cost in the epochs after the first. */
  private static double notRunAgain(Subject subject) {
    int layers = subject.layersRunOnce();
    return subject.course().steps().stream()
        .skip(subject.course().stepsPerEpoch())
        .flatMap(List::stream)
        .mapToDouble(b -> subject.walk().lowest(b, layers))
        .sum();
  }

  private static double forward(Subject subject, List<BatchShape> batches) {
    return batches.stream().mapToDouble(b -> subject.walk().evaluation(b).operations()).sum();
  }
}
