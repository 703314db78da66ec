package dev.luthier.train.loop;

import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Pass;
import dev.luthier.tensor.Tensor;
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
import dev.luthier.train.Watched;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The listeners of a run together: everybody hears everything, and their wishes are gathered. */
final class Watchers {
  private final List<Listener> all;
  private @Nullable String reason;

  /**
   * @param wanted as the run was set up, in order
   * @param run tells them of the run, given who hears what they have to say
   */
  Watchers(List<Listener> wanted, Function<Listener, Watched> run) {
    Watched watched = run.apply(new Audience());
    this.all = wanted.stream().map(l -> l.begin(watched)).toList();
  }

  /** In order. */
  List<Listener> all() {
    return all;
  }

  /** Tells all what one has found or measured. */
  private final class Audience implements Listener {
    @Override
    public void found(Finding finding) {
      Watchers.this.found(finding);
    }

    @Override
    public void measured(Measurement measurement) {
      all.forEach(l -> l.measured(measurement));
    }
  }

  /** Tells all what the loop itself has found. */
  void found(Finding finding) {
    all.forEach(l -> l.found(finding));
  }

  /** What the listeners see of a step's layers, or null if nobody looks. */
  Pass.@Nullable Observer observer(long step) {
    List<Pass.Observer> looking =
        all.stream().flatMap(l -> Stream.ofNullable(l.observer(step))).toList();
    return looking.isEmpty() ? null : new Observers(looking);
  }

  private record Observers(List<Pass.Observer> each) implements Pass.Observer {
    @Override
    public void multiplies(Linear layer, Tensor x) {
      each.forEach(o -> o.multiplies(layer, x));
    }

    @Override
    public void multiplied(Linear layer, Tensor y) {
      each.forEach(o -> o.multiplied(layer, y));
    }

    @Override
    public void activated(Linear layer, Tensor a) {
      each.forEach(o -> o.activated(layer, a));
    }
  }

  /** Whether one of them may refuse a batch. */
  boolean refuse() {
    return all.stream().anyMatch(Listener::refuses);
  }

  /** Whether one of them may want to roll back. */
  boolean rollBack() {
    return all.stream().anyMatch(Listener::rollsBack);
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

  void saved(long step, long nanos) {
    all.forEach(l -> l.saved(step, nanos));
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
    return verdict(attempt, l -> l.judged(attempt));
  }

  /**
   * What is to become of a batch that failed when the optimizer computed it again.
   *
   * @throws NonFiniteException if nobody refuses the batch for it
   */
  Verdict judgedAgain(Attempt attempt) {
    return verdict(attempt, l -> l.judgedAgain(attempt));
  }

  private Verdict verdict(Attempt attempt, Function<Listener, Verdict> asked) {
    Verdict verdict = Verdict.UPDATE;
    for (Listener l : all) {
      Verdict its = asked.apply(l);
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
