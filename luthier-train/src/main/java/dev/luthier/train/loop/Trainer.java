package dev.luthier.train.loop;

import dev.luthier.data.batch.Collator;
import dev.luthier.data.batch.EncodedDataset;
import dev.luthier.data.batch.EncodedExample;
import dev.luthier.model.LayerStack;
import dev.luthier.model.Model;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.train.Beginning;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Listener;
import dev.luthier.train.Listener.Outcome;
import dev.luthier.train.Listener.StepReport;
import dev.luthier.train.Listener.Verdict;
import dev.luthier.train.Listener.Wish;
import dev.luthier.train.LossContext;
import dev.luthier.train.LossScale;
import dev.luthier.train.Moment;
import dev.luthier.train.Objective;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.Origin;
import dev.luthier.train.OtherWeights;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.Schedule;
import dev.luthier.train.StepContext;
import dev.luthier.train.TrainSpec;
import dev.luthier.train.TrainingException;
import dev.luthier.train.Watched;
import dev.luthier.train.checkpoint.Checkpoints;
import dev.luthier.train.checkpoint.Progress;
import dev.luthier.train.frozen.FrozenPrefix;
import dev.luthier.train.group.GroupFacts;
import dev.luthier.train.group.Grouping;
import dev.luthier.train.optim.ClipNorm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The training loop. Whatever varies is behind a socket; no technique is named here.
 *
 * <pre>
 *   train:  restore, then of every step: make it, evaluate and save where due; last, the best weights
 *   step:   examples, losses of their parts added up, gradients divided once, listeners, new weights
 * </pre>
 *
 * How a batch becomes gradients stands in {@link BatchWork}, how gradients become weights in {@link
 * Update}, and which examples share a batch in {@link BatchPlan}.
 */
public final class Trainer {
  private final Setup setup;
  private final Map<String, Parameter> parameters;
  private final List<ParameterGroup> groups;
  private final Objective objective;
  private final GradientTransform optimizer;
  private final OptimizerState state;
  private final LossScale scale;
  private final BatchPlan plan;
  private final Rng.Key key;
  private final long steps;
  private final @Nullable UpdateInBackward inBackward;
  private final Watchers watchers;
  private final Update update;
  private final int frozen;
  private volatile boolean stopRequested;

  /**
   * What a run is made of.
   *
   * @param model with its adaptation applied
   * @param objective what to minimise
   * @param optimizer how; clipping by {@code spec.clipNorm} is put around it
   * @param schedule of the learning rate
   * @param data to train on
   * @param collator makes batches
   * @param spec the recipe's {@code train} section
   * @param listeners told what happens, in order
   * @param checkpoints where to save
   * @param validation scores of the present weights on the validation data, or null without one
   * @param origin where model and data come from
   */
  public record Setup(
      Model model,
      Objective objective,
      GradientTransform optimizer,
      Schedule schedule,
      EncodedDataset data,
      Collator collator,
      TrainSpec spec,
      List<Listener> listeners,
      Checkpoints checkpoints,
      @Nullable Supplier<Map<String, Double>> validation,
      Origin origin) {}

  /** Prepares a run. */
  public Trainer(Setup setup) {
    TrainSpec spec = setup.spec();
    this.setup = setup;
    var unused = spec.precision().apply(setup.model());
    this.parameters = trainable(setup.model());
    this.groups = Grouping.of(setup.model(), spec.groups(), spec.layerDecay(), setup.optimizer());
    this.optimizer = whole(setup.optimizer(), spec);
    this.objective =
        setup.objective().begin(new Beginning(setup.model(), setup.data(), setup.origin()));
    this.state = new OptimizerState(parameters);
    this.scale = spec.precision().lossScale(state);
    this.key = key(spec.seed());
    this.plan = new BatchPlan(setup.data().lengths(), spec, key(spec.seedOfData()));
    this.steps = plan.steps();
    ScheduleChecks.require(setup, groups, plan);
    recompute(setup.model(), spec.memory().checkpointActivations());
    LayerStack stack = setup.model().stack();
    this.inBackward =
        spec.memory().updateInBackward()
            ? new UpdateInBackward(spec, scale, optimizer, groups)
            : null;
    this.watchers =
        new Watchers(
            setup.listeners(),
            audience ->
                new Watched(
                    setup.model(),
                    parameters,
                    spec,
                    setup.checkpoints().identity(),
                    setup.origin(),
                    audience));
    this.update = new Update(optimizer, groups, scale, watchers, inBackward);
    this.frozen = stack != null && spec.memory().cacheFrozen() ? stack.frozen() : 0;
    parameters.values().forEach(p -> p.setRowGradient(optimizer.readsRows()));
  }

  /** An optimizer with what a run puts around it. */
  public static GradientTransform whole(GradientTransform optimizer, TrainSpec spec) {
    return spec.precision()
        .around(
            spec.clipNorm() > 0
                ? new Clipped(new ClipNorm(spec.clipNorm()), optimizer)
                : optimizer);
  }

  private static void recompute(Model model, boolean wanted) {
    if (!model.recompute(wanted)) {
      throw new TrainingException(
          "train.memory.checkpoint-activations: this model has no layers in a row that could be"
              + " run again; leave it out");
    }
  }

  private static Rng.Key key(long seed) {
    return Rng.Key.of(seed).with("train");
  }

  /** Names the draws that the batches of an epoch are made with. */
  public static Rng.Key collateKey(long seed, int epoch) {
    return key(seed).with("collate").with(epoch);
  }

  /** The steps of the whole run. */
  public long steps() {
    return steps;
  }

  /** What a person should know of how the run computes, one fact a line. */
  public List<String> notes() {
    List<String> out = new ArrayList<>();
    if (frozen > 0) {
      out.add(
          "the embeddings and the lowest "
              + frozen
              + " layers are frozen: they run without dropout"
              + (steps > plan.stepsPerEpoch() && !seesImages() ? ", once for each example" : "")
              + " (train.memory.cache-frozen)");
    }
    if (!setup.spec().groups().isEmpty() || setup.spec().layerDecay() != 1) {
      GroupFacts.of(groups, setup.optimizer()).forEach(g -> out.add(g.line()));
    }
    out.addAll(ScheduleChecks.notes(setup, groups, plan));
    return out;
  }

  private boolean seesImages() {
    return setup.data().examples().get(0).image() != null;
  }

  /** Asks the run to save after the present step and end. May be called from any thread. */
  public void requestStop() {
    stopRequested = true;
  }

  /** Runs from the newest valid checkpoint, or from the beginning, to the end. */
  public Outcome run() {
    LayerStack stack = setup.model().stack();
    try {
      return stack == null || frozen == 0 ? train() : trainAbovePrefix(stack);
    } finally {
      parameters.values().forEach(p -> p.setLeftOut(false));
      if (inBackward != null) {
        inBackward.close();
      }
    }
  }

  private Outcome trainAbovePrefix(LayerStack stack) {
    try (FrozenPrefix prefix = prefix()) {
      stack.replaceLowest(prefix);
      return train();
    } finally {
      stack.replaceLowest(null);
    }
  }

  /** Keeps what it gives only if it will be asked again. */
  private FrozenPrefix prefix() {
    boolean again = steps > plan.stepsPerEpoch();
    List<EncodedExample> examples = again ? setup.data().examples() : List.of();
    List<List<EncodedExample>> company = new ArrayList<>();
    for (int[] places : again ? plan.epoch(0) : List.<int[]>of()) {
      company.addAll(parts(Arrays.stream(places).mapToObj(examples::get).toList()));
    }
    Path folder = setup.checkpoints().folder();
    return new FrozenPrefix(frozen, examples, company, folder, FrozenPrefix.IN_MEMORY);
  }

  private Outcome train() {
    Progress at = setup.checkpoints().restore(parameters, state, watchers.all());
    watchers.started(
        new Listener.RunInfo(at.step(), steps, plan.stepsPerEpoch(), setup.data().size()));
    Progress progress =
        watchers.rollBack()
            ? setup.checkpoints().saveBeginning(at, parameters, state, watchers.all())
            : at;
    for (long n = at.step(); n < steps && progress.ended() == null; n++) {
      Set<Wish> wishes = EnumSet.noneOf(Wish.class);
      Verdict verdict = step(n, progress, wishes);
      if (wishes.contains(Wish.EVALUATE) || isDue(n + 1, setup.spec().evaluateEvery())) {
        progress = progress.evaluated(evaluate(n + 1, wishes));
      }
      boolean best = wishes.contains(Wish.KEEP_BEST);
      boolean due = best || isDue(n + 1, setup.spec().saveEvery());
      progress = progress.after(n + 1, best, due);
      if (verdict == Verdict.STOP || wishes.contains(Wish.STOP)) {
        progress = progress.ended(watchers.reason());
      }
      boolean last = stopRequested || progress.ended() != null;
      if (due || last || wishes.contains(Wish.SAVE)) {
        save(progress);
      }
      if (last) {
        break;
      }
    }
    setup.checkpoints().restoreBest(progress, parameters, state);
    averages().stay();
    Outcome outcome = outcome(progress);
    watchers.finished(outcome);
    return outcome;
  }

  private Outcome outcome(Progress progress) {
    boolean stopped = stopRequested;
    String ended = progress.ended();
    Long best = progress.best();
    return new Outcome(
        progress.step(),
        !stopped,
        stopped ? "asked to stop" : ended == null ? "all steps made" : ended,
        best == null ? progress.step() : best);
  }

  private void save(Progress progress) {
    long begun = System.nanoTime();
    setup.checkpoints().save(progress, parameters, state, watchers.all());
    watchers.saved(progress.step(), System.nanoTime() - begun);
  }

  private Verdict step(long n, Progress progress, Set<Wish> wishes) {
    StepReport report;
    try (Scope scope = Scope.open()) {
      report = step(context(n, progress));
      wishes.addAll(watchers.stepped(report));
    }
    if (report.verdict() == Verdict.ROLL_BACK) {
      setup.checkpoints().rollBack(progress, parameters, state);
    }
    return report.verdict();
  }

  /** One update: gradients of all parts of the batch, divided once by the weight of the whole. */
  private StepReport step(StepContext step) {
    long begun = System.nanoTime();
    List<EncodedExample> examples = examples(step);
    if (optimizer.needsGradients()) {
      Predicate<Parameter> wanted = optimizer.wanted(step);
      parameters.values().forEach(p -> p.setLeftOut(!wanted.test(p)));
    }
    BatchWork work = work(step, examples);
    double epoch = plan.epochs(step.number() + 1);
    Update.Made made = update.make(step, work, epoch);
    Map<String, Double> scalars = new TreeMap<>(work.scalars());
    scalars.putAll(scale.scalars());
    scalars.putAll(setup.spec().schedules().scalars(step.factors()));
    return new StepReport(
        step.number(),
        epoch,
        work.mean(),
        scalars,
        made.norm(),
        step.factor(),
        examples.size(),
        work.tokens(),
        System.nanoTime() - begun,
        made.verdict());
  }

  private BatchWork work(StepContext step, List<EncodedExample> examples) {
    Pass.Observer observer = watchers.observer(step.number());
    LossContext plain = new LossContext(step);
    LossContext asked = observer == null ? plain : plain.changing(pass -> pass.observing(observer));
    Integer atOnce = setup.spec().microBatch();
    return new BatchWork(
        setup.model(),
        objective,
        setup.collator().training(step.epoch()),
        groups,
        atOnce == null ? asked : asked.atOnce(atOnce),
        collateKey(setup.spec().seed(), step.epoch()),
        parts(examples),
        scale.factor());
  }

  /** What the optimizer wants evaluated, in the place of what it trains. */
  private OtherWeights averages() {
    return OtherWeights.show(parameters.values(), p -> optimizer.evaluated(p, state));
  }

  private Listener.@Nullable Evaluation evaluate(long step, Set<Wish> wishes) {
    if (setup.validation() == null) {
      return null;
    }
    Map<String, Double> scores;
    try (OtherWeights shown = averages()) {
      scores = setup.validation().get();
    }
    Listener.Evaluation e = new Listener.Evaluation(step, plan.epochs(step), new TreeMap<>(scores));
    wishes.addAll(watchers.evaluated(e));
    return e;
  }

  private List<EncodedExample> examples(StepContext step) {
    return Arrays.stream(plan.batch(step.number())).mapToObj(setup.data().examples()::get).toList();
  }

  private List<List<EncodedExample>> parts(List<EncodedExample> examples) {
    Integer size = setup.spec().microBatch();
    if (size == null || !objective.isSumOverExamples()) {
      return List.of(examples);
    }
    List<List<EncodedExample>> out = new ArrayList<>();
    for (int at = 0; at < examples.size(); at += size) {
      out.add(examples.subList(at, Math.min(examples.size(), at + size)));
    }
    return out;
  }

  private StepContext context(long n, Progress progress) {
    Moment moment = new Moment(n, steps, plan.epochOf(n), progress.evaluations());
    return new StepContext(
        moment,
        setup.spec().schedules().factors(setup.schedule(), moment),
        key.with("step").with(n),
        state);
  }

  private boolean isDue(long made, @Nullable Long every) {
    return made == steps || (every == null ? plan.endsEpoch(made) : made % every == 0);
  }

  private static Map<String, Parameter> trainable(Model model) {
    Map<String, Parameter> out = new TreeMap<>(Modules.parameters(model));
    out.values().removeIf(p -> !p.trainable());
    return out;
  }
}
