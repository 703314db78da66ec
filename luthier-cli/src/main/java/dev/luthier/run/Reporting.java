package dev.luthier.run;

import dev.luthier.data.Example;
import dev.luthier.data.TargetKind;
import dev.luthier.data.batch.Encoder;
import dev.luthier.eval.baseline.TfIdfCentroid;
import dev.luthier.eval.harness.Measures;
import dev.luthier.eval.metric.Predictions;
import dev.luthier.eval.report.Compared;
import dev.luthier.eval.report.Cost;
import dev.luthier.eval.report.Curve;
import dev.luthier.eval.report.EnergyEstimate;
import dev.luthier.eval.report.RunFacts;
import dev.luthier.eval.report.RunReport;
import dev.luthier.model.nn.Modules;
import dev.luthier.recipe.Recipes;
import dev.luthier.tensor.Engine;
import dev.luthier.train.optim.OptimizerKeys;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Puts a run's facts together for its report.
 *
 * @param run the model and its data
 * @param recipe of the run
 * @param folder of the run
 * @param usage what it took
 * @param saved what it left to be used
 * @param more other ways to the task that the report compares
 */
record Reporting(
    Prepared run,
    Recipe recipe,
    RunFolder folder,
    Usage usage,
    Path saved,
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
            cost(),
            environment(),
            List.of());
    return RunReport.of(facts, new Compared(before.predictions(), tuned, others(tuned)), measures);
  }

  private List<Compared.Other> others(Predictions tuned) {
    List<Compared.Other> out = new ArrayList<>(more);
    Encoder.Encoded test = run.test();
    if (recipe.task().targetKind() == TargetKind.ONE_LABEL && test != null) {
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
    out.put("tokens in training", run.train().data().tokens());
    out.put("longest training example, tokens", run.train().lengths().max());
    out.put("over the limit of " + run.train().lengths().limit(), run.train().lengths().over());
    out.put("notes", run.notes());
    return out;
  }

  private Curve curve(Measures measures) throws IOException {
    List<Double> rates = OptimizerKeys.rates(recipe.optimizer());
    double peak = rates.size() == 1 ? rates.get(0) : Double.NaN;
    return History.curve(folder.metrics(), measures.primary().key(), peak);
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
