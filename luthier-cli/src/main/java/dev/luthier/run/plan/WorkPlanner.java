package dev.luthier.run.plan;

import java.util.List;

/** Counts the arithmetic of a run. */
final class WorkPlanner {
  private WorkPlanner() {}

  static Plan.Work work(Subject subject) {
    double training =
        subject.course().steps().stream()
            .flatMap(List::stream)
            .mapToDouble(b -> subject.walk().training(b).operations())
            .sum();
    double evaluating =
        forward(subject, subject.askedBefore())
            + forward(subject, subject.askedAfter())
            + subject.course().evaluations() * forward(subject, subject.validated());
    long parts = subject.course().steps().stream().mapToLong(List::size).sum();
    long rows = Math.max(1, subject.course().tokens() / parts);
    double rate = MatmulRate.measure(rows, subject.walk().width(), subject.walk().inner());
    return new Plan.Work(training, evaluating, rate, (training + evaluating) / rate);
  }

  private static double forward(Subject subject, List<BatchShape> batches) {
    return batches.stream().mapToDouble(b -> subject.walk().evaluation(b).operations()).sum();
  }
}
