package dev.luthier.run;

import dev.luthier.data.Example;
import dev.luthier.data.TargetKind;
import dev.luthier.data.batch.Encoder;
import dev.luthier.eval.baseline.TfIdfCentroid;
import dev.luthier.eval.harness.Measures;
import dev.luthier.eval.metric.Metric;
import dev.luthier.eval.metric.Predictions;
import dev.luthier.eval.report.Compared;
import dev.luthier.eval.report.Cost;
import dev.luthier.eval.report.Curve;
import dev.luthier.eval.report.EnergyEstimate;
import dev.luthier.eval.report.RunFacts;
import dev.luthier.eval.report.RunReport;
import dev.luthier.eval.report.Watching;
import dev.luthier.eval.report.Watching.ValidationUse;
import dev.luthier.model.nn.Modules;
import dev.luthier.recipe.Recipes;
import dev.luthier.tensor.Engine;
import dev.luthier.train.Listener;
import dev.luthier.train.Listener.Outcome;
import dev.luthier.train.Task;
import dev.luthier.train.listener.ValidationBudget;
import dev.luthier.train.optim.OptimizerKeys;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Puts a run's facts together for its report.
 *
 * @param run the model and its data
 * @param recipe of the run
 * @param base what relative paths in the recipe are relative to
 * @param folder of the run
 * @param usage what it took
 * @param saved what it left to be used
 * @param outcome how training ended
 * @param more other ways to the task that the report compares
 */
record Reporting(
    Prepared run,
    Recipe recipe,
    Path base,
    RunFolder folder,
    Usage usage,
    Path saved,
    Outcome outcome,
    List<Compared.Other> more) {
  RunReport report(BaseModel before, Predictions tuned, Measures measures) throws IOException {
    RunFacts facts =
        new RunFacts(
            folder.path().getFileName().toString(),
            new RunFacts.Recipe(Recipes.render(recipe), Recipes.hash(recipe)),
            recipe.model(),
            before.words(),
            data(),
            curve(measures),
            watching(tuned, measures.primary()),
            cost(),
            environment(),
            List.of());
    return RunReport.of(facts, new Compared(before.predictions(), tuned, others(tuned)), measures);
  }

  private List<Compared.Other> others(Predictions tuned) {
    List<Compared.Other> out = new ArrayList<>(more);
    Encoder.Encoded test = run.test();
    boolean texts = !(recipe.task() instanceof Task.OfImages);
    if (recipe.task().targetKind() == TargetKind.ONE_LABEL && test != null && texts) {
      Scoring scoring = Scoring.of(run);
      List<Example> train = run.train().kept().examples();
      TfIdfCentroid classifier =
          TfIdfCentroid.fit(
              run.labels(), train.stream().map(Scoring::text).toList(), scoring.truth(train));
      out.add(
          new Compared.Other(
              "TF-IDF nearest centroid (no neural network)",
              classifier.predict(tuned.texts(), scoring.truth(test.kept().examples()))));
    }
    return out;
  }

  private Map<String, Object> data() {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("training examples", run.train().data().size());
    Encoder.Encoded validation = run.validation();
    if (validation != null) {
      out.put("validation examples", validation.data().size());
    }
    Encoder.Encoded test = run.test();
    if (test != null) {
      out.put("test examples", test.data().size());
    }
    if (!run.labels().isEmpty()) {
      out.put("labels", run.labels().size());
    }
    if (!recipe.before().isEmpty()) {
      out.put("trained before on", recipe.before().stream().map(Stage::name).toList());
    }
    if (recipe.task() instanceof Task.OfImages) {
      out.put("tokens of an image", run.train().lengths().max());
    } else {
      out.put("tokens in training", run.train().data().tokens());
      out.put("longest training example, tokens", run.train().lengths().max());
      out.put("over the limit of " + run.train().lengths().limit(), run.train().lengths().over());
    }
    out.put("notes", run.notes());
    return out;
  }

  private Curve curve(Measures measures) throws IOException {
    List<Double> rates = OptimizerKeys.rates(recipe.optimizer());
    double peak = rates.size() == 1 ? rates.get(0) : Double.NaN;
    return History.read(folder.metrics()).curve(measures.primary().key(), peak);
  }

  private Watching watching(Predictions tuned, Metric judge) throws IOException {
    History history = History.read(folder.metrics());
    return new Watching(history.findings(), history.layers(), validationUse(history, tuned, judge));
  }

  private @Nullable ValidationUse validationUse(History history, Predictions tuned, Metric judge) {
    double validation = history.validation(outcome.kept(), judge.key());
    if (Double.isNaN(validation)) {
      return null;
    }
    long runs = 0;
    long budget = 0;
    String data = run.origin(base).validation();
    for (Listener l : recipe.watch()) {
      if (l instanceof ValidationBudget guard && data != null) {
        runs = guard.ledger(base).looks(data).size();
        budget = guard.recipes();
      }
    }
    return new ValidationUse(
        judge.key(), history.evaluations(), runs, budget, validation, judge.value(tuned));
  }

  private Cost cost() throws IOException {
    double cpu = usage.cpuUsed();
    return new Cost(
        usage.wallSeconds(),
        cpu,
        Usage.peakBytes(),
        Modules.count(run.model().model()),
        Modules.countTrainable(run.model().model()),
        Usage.bytesIn(saved),
        EnergyEstimate.ofCpu(cpu));
  }

  private static Map<String, String> environment() {
    Map<String, String> out = new TreeMap<>();
    out.put("java", System.getProperty("java.version"));
    out.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    out.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
    out.put("engine threads", Integer.toString(Engine.threads()));
    return out;
  }
}
