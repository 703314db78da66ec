package dev.luthier.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.data.batch.Encoder;
import dev.luthier.data.read.DatasetReader;
import dev.luthier.eval.metric.Accuracy;
import dev.luthier.eval.metric.Metric;
import dev.luthier.eval.metric.MicroF1;
import dev.luthier.eval.metric.PearsonCorrelation;
import dev.luthier.eval.metric.Perplexity;
import dev.luthier.eval.metric.Predictions;
import dev.luthier.eval.metric.TokenAccuracy;
import dev.luthier.eval.report.Compared;
import dev.luthier.eval.report.RunReport;
import dev.luthier.model.nn.Modules;
import dev.luthier.recipe.Recipes;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Engine;
import dev.luthier.tensor.Rng;
import dev.luthier.train.Adaptation;
import dev.luthier.train.Adapted;
import dev.luthier.train.Identity;
import dev.luthier.train.Listener;
import dev.luthier.train.Moment;
import dev.luthier.train.NonFiniteException;
import dev.luthier.train.TrainSpec.EarlyStoppingSpec;
import dev.luthier.train.TrainingException;
import dev.luthier.train.checkpoint.Checkpoints;
import dev.luthier.train.listener.EarlyStopping;
import dev.luthier.train.listener.MetricsLog;
import dev.luthier.train.listener.TensorBoardLog;
import dev.luthier.train.loop.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A run from a recipe to a tuned model and a report. */
public final class FineTuning {
  private final Recipe recipe;
  private final Path base;
  private final RunFolder folder;
  private final boolean resume;
  private final List<Listener> watchers;
  private final Consumer<String> say;
  private final Stop stop = new Stop();
  private final Lineage lineage;
  private final boolean whole;

  /**
   * @param recipe what to do
   * @param base what relative paths of inputs are relative to: the folder of the recipe. The output
   *     is relative to the working directory
   * @param resume whether to go on with a run that lies in the output folder
   * @param watchers further listeners, for instance a progress bar
   * @param say told what a person should know, a line at a time
   */
  public FineTuning(
      Recipe recipe, Path base, boolean resume, List<Listener> watchers, Consumer<String> say) {
    this(recipe, base, resume, watchers, say, false);
  }

  /**
   * @param whole whether the model is saved with what was learnt folded into it, even where an
   *     adapter could be saved alone
   */
  FineTuning(
      Recipe recipe,
      Path base,
      boolean resume,
      List<Listener> watchers,
      Consumer<String> say,
      boolean whole) {
    this.recipe = recipe;
    this.base = base;
    this.folder = new RunFolder(Path.of(recipe.output()));
    this.resume = resume;
    this.watchers = List.copyOf(watchers);
    this.say = say;
    this.lineage = new Lineage(recipe, base, folder, this.watchers, say);
    this.whole = whole;
  }

  /** A run with every default: a new output folder, nothing printed. */
  public static FineTuning of(Recipe recipe, Path base) {
    return new FineTuning(recipe, base, false, List.of(), line -> {});
  }

  /**
   * What a run gave.
   *
   * @param folder where everything lies
   * @param report base against tuned, or null without test data
   * @param outcome how training ended
   */
  public record Result(RunFolder folder, @Nullable RunReport report, Listener.Outcome outcome) {}

  /**
   * Asks the run to save after the present step and end. May be called from any thread.
   *
   * @return whether it will; false when it does not train at present, so that there is nothing a
   *     checkpoint could save
   */
  public boolean requestStop() {
    return stop.request() || lineage.requestStop();
  }

  /** Does everything. */
  public Result run() throws IOException {
    Usage usage = new Usage();
    Judgement.require(recipe.evaluate(), recipe.task());
    folder.requireFree(resume);
    DatasetReader.preload();
    Engine.preload();
    Lineage.Led led = lineage.run();
    if (led.stopped() != null) {
      return new Result(folder, null, led.stopped());
    }
    boolean staged = !recipe.before().isEmpty();
    Prepared run = Prepared.load(led.recipe(), base);
    run.notes().forEach(say);
    Encoder.Encoded test = run.test();
    boolean compare = test != null && Scoring.of(run).isPossible();
    BaseModel before = compare && test != null ? untouched(run, test) : null;
    Identity identity =
        new Identity(
            Recipes.hash(recipe),
            run.train().data().fingerprint(),
            NamedModels.fingerprint(
                run.recipe().objective(), base, Weights.fingerprint(run.model().model())));
    List<Adapted> adapted = adapt(run);
    Trainer trainer = new Trainer(setup(run, identity));
    trainer.notes().forEach(say);
    Files.createDirectories(folder.path());
    try (RunLock alone = RunLock.hold(folder.path())) {
      folder.requireFree(resume || staged); // Another run may have come and gone meanwhile.
      writeAtomically(folder.recipe(), Recipes.render(recipe));
      facts("running", identity, null);
      Listener.Outcome outcome = train(trainer);
      if (!outcome.completed()) {
        return new Result(folder, null, outcome);
      }
      Path saved = save(run, adapted);
      facts("complete", identity, outcome);
      RunReport report = null;
      if (before != null && test != null) {
        Predictions tuned = Scoring.of(run).predictions(test);
        PredictionsLog.write(folder.predictions(), run, test, tuned);
        report =
            new Reporting(run, recipe, base, folder, usage, saved, outcome, direct(run))
                .report(before, tuned, Judgement.of(recipe.evaluate(), tuned));
        report.write(folder.path());
      }
      return new Result(folder, report, outcome);
    }
  }

  /** The answers of the model that the recipe names, before any stage. */
  private BaseModel untouched(Prepared run, Encoder.Encoded test) {
    return recipe.before().isEmpty()
        ? BaseModel.ask(run, test)
        : BaseModel.ask(Prepared.load(recipe, base), test);
  }

  private List<Compared.Other> direct(Prepared run) {
    return lineage.isCompared()
        ? List.of(new Compared.Other("the same without the stages before", lineage.direct(run)))
        : List.of();
  }

  private Listener.Outcome train(Trainer trainer) throws IOException {
    Files.deleteIfExists(folder.failedBatch());
    try {
      return stop.during(trainer);
    } catch (NonFiniteException e) {
      Map<String, Object> facts = new LinkedHashMap<>();
      facts.put("what", e.what());
      if (!e.first().isEmpty()) {
        facts.put("first", e.first());
      }
      facts.put("step", e.step() + 1);
      facts.put("rows", e.rows());
      writeAtomically(folder.failedBatch(), new ObjectMapper().writeValueAsString(facts));
      say.accept("the rows of the batch are in " + folder.failedBatch());
      throw e;
    }
  }

  private List<Adapted> adapt(Prepared run) {
    Rng.Key key = Rng.Key.of(recipe.train().seedOfInit()).with("adapt");
    List<Adapted> out = new ArrayList<>();
    for (Adaptation a : recipe.adapt()) {
      Adapted done = a.apply(run.model(), key);
      done.description().forEach(say);
      out.add(done);
    }
    say.accept(
        "trainable: %,d of %,d parameters"
            .formatted(
                Modules.countTrainable(run.model().model()), Modules.count(run.model().model())));
    recipe.train().precision().apply(run.model().model()).forEach(say);
    return out;
  }

  private Trainer.Setup setup(Prepared run, Identity identity) {
    List<Metric> metrics = watched(run);
    List<Listener> listeners = new ArrayList<>();
    listeners.add(new MetricsLog(folder.metrics()));
    listeners.add(new TensorBoardLog(folder.tensorBoard()));
    EarlyStoppingSpec stopping = recipe.train().earlyStopping();
    if (stopping != null && run.validation() == null) {
      throw new TrainingException(
          "train.early-stopping: there are no validation data to see progress on; give"
              + " data.validation, or set some of the training data aside by data.split");
    }
    if (recipe.train().evaluateEvery() != null && run.validation() == null) {
      say.accept("train.evaluate-every: there are no validation data, so nothing is evaluated");
    }
    if (stopping != null) {
      listeners.add(new EarlyStopping(stopping, moreIsBetter(stopping, metrics)));
    }
    if (run.validation() != null) {
      requireWatched(metrics);
    }
    listeners.addAll(recipe.watch());
    listeners.addAll(watchers);
    Encoder.Encoded validation = run.validation();
    Supplier<Map<String, Double>> scores =
        validation == null
            ? null
            : () -> Scoring.of(run).scores(validation, recipe.objective(), metrics);
    return new Trainer.Setup(
        run.model().model(),
        recipe.objective(),
        recipe.optimizer(),
        recipe.schedule(),
        run.train().data(),
        run.collator(),
        recipe.train(),
        listeners,
        new Checkpoints(folder.checkpoints(), recipe.train().keep(), identity, say),
        scores,
        run.origin(base));
  }

  /** Shows what looks at scores all that there will be, so that it asks for others now. */
  private void requireWatched(List<Metric> metrics) {
    Map<String, Double> scores = new TreeMap<>(Map.of("loss", 0.0));
    metrics.forEach(m -> scores.put(m.key(), 0.0));
    Listener.Evaluation one = new Listener.Evaluation(1, 1, scores);
    EarlyStoppingSpec stopping = recipe.train().earlyStopping();
    if (stopping != null) {
      var unused = new EarlyStopping(stopping, moreIsBetter(stopping, metrics)).evaluated(one);
    }
    Moment end = new Moment(1, 1, 0, List.of(one));
    var unused = recipe.train().schedules().factors(recipe.schedule(), end);
  }

  private List<Metric> watched(Prepared run) {
    if (!Scoring.of(run).isPossible()) {
      return List.of();
    }
    if (!recipe.evaluate().isEmpty()) {
      return recipe.evaluate();
    }
    return switch (recipe.task().targetKind()) {
      case ONE_LABEL -> List.of(new Accuracy());
      case MANY_LABELS -> List.of(new MicroF1());
      case COMPLETION -> List.of(new Perplexity(), new TokenAccuracy());
      default -> List.of(new PearsonCorrelation());
    };
  }

  private static boolean moreIsBetter(EarlyStoppingSpec spec, List<Metric> metrics) {
    return switch (spec.mode()) {
      case MAX -> true;
      case MIN -> false;
      case AUTO ->
          metrics.stream()
              .filter(m -> m.key().equals(spec.metric()))
              .findFirst()
              .map(Metric::higherIsBetter)
              .orElse(false);
    };
  }

  private Path save(Prepared run, List<Adapted> adapted) throws IOException {
    List<Adapted> separate = adapted.stream().filter(Adapted::isSeparate).toList();
    if (!whole && separate.size() == 1 && adapted.stream().noneMatch(Adapted::changesBase)) {
      separate.get(0).save(folder.adapter());
      return folder.adapter();
    }
    separate.forEach(Adapted::merge);
    run.model().save(folder.model(), DType.F32);
    return folder.model();
  }

  /** The model that the last stage left, or that the recipe names. */
  private String model() {
    int stages = recipe.before().size();
    return stages == 0
        ? recipe.model()
        : folder
            .stage(stages - 1, recipe.before().get(stages - 1).name())
            .model()
            .toAbsolutePath()
            .toString();
  }

  private void facts(String status, Identity identity, Listener.@Nullable Outcome outcome)
      throws IOException {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("status", status);
    facts.put("model", base.resolve(model()).toAbsolutePath().normalize().toString());
    if (!recipe.before().isEmpty()) {
      facts.put("lineage", lineage.facts());
    }
    facts.put("folder", base.toAbsolutePath().normalize().toString());
    facts.put("recipe-sha256", identity.recipe());
    facts.put("data-sha256", identity.data());
    facts.put("base-sha256", identity.base());
    if (outcome != null) {
      facts.put("steps", outcome.steps());
      facts.put("ended", outcome.reason());
    }
    writeAtomically(
        folder.facts(),
        new ObjectMapper()
            .writerWithDefaultPrettyPrinter()
            .writeValueAsString(new TreeMap<>(facts)));
  }

  private static void writeAtomically(Path file, String text) throws IOException {
    Path temporary = file.resolveSibling("." + file.getFileName() + ".tmp");
    Files.writeString(temporary, text);
    Files.move(
        temporary,
        file,
        java.nio.file.StandardCopyOption.REPLACE_EXISTING,
        java.nio.file.StandardCopyOption.ATOMIC_MOVE);
  }
}
