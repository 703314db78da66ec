package dev.luthier.train.loop;

import dev.luthier.train.Finding;
import dev.luthier.train.Listener;
import dev.luthier.train.Listener.Attempt;
import dev.luthier.train.Listener.Evaluation;
import dev.luthier.train.Listener.Outcome;
import dev.luthier.train.Listener.RunInfo;
import dev.luthier.train.Listener.StepReport;
import dev.luthier.train.Listener.Verdict;
import dev.luthier.train.Listener.Wish;
import dev.luthier.train.NonFiniteException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The listeners of a run together: everybody hears everything, and their wishes are gathered. */
final class Watchers {
  private final List<Listener> all;
  private @Nullable String reason;

  /**
   * @param wanted as the run was set up, in order
   * @param begin has one begin
   */
  Watchers(List<Listener> wanted, Function<Listener, Listener> begin) {
    this.all = wanted.stream().map(begin).toList();
  }

  /** In order. */
  List<Listener> all() {
    return all;
  }

  /** Tells all what one has found. */
  void found(Finding finding) {
    all.forEach(l -> l.found(finding));
  }

  void started(RunInfo run) {
    all.forEach(l -> l.started(run));
  }

  Set<Wish> stepped(StepReport step) {
    return wishes(l -> l.stepped(step));
  }

  Set<Wish> evaluated(Evaluation evaluation) {
    return wishes(l -> l.evaluated(evaluation));
  }

  void finished(Outcome outcome) {
    all.forEach(l -> l.finished(outcome));
  }

  /**
   * What is to become of a batch.
   *
   * @throws NonFiniteException if something was not finite and nobody refuses the batch for it
   */
  Verdict judged(Attempt attempt) {
    Verdict verdict = Verdict.UPDATE;
    for (Listener l : all) {
      Verdict its = l.judged(attempt);
      if (its.compareTo(verdict) > 0) {
        verdict = its;
        reason = its == Verdict.STOP ? l.reason() : reason;
      }
    }
    NonFiniteException failure = attempt.failure();
    if (failure != null && verdict == Verdict.UPDATE) {
      throw failure;
    }
    return verdict;
  }

  /** Why one of them wanted the run to end. */
  String reason() {
    return reason == null ? "" : reason;
  }

  private Set<Wish> wishes(Function<Listener, Wish> call) {
    Set<Wish> wishes = EnumSet.noneOf(Wish.class);
    for (Listener l : all) {
      Wish wish = call.apply(l);
      wishes.add(wish);
      if (wish == Wish.STOP && reason == null) {
        reason = l.reason();
      }
    }
    return wishes;
  }
}
