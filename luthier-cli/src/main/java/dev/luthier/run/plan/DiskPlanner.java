package dev.luthier.run.plan;

import dev.luthier.data.Example;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.train.TrainSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Adds up the files of a run. */
final class DiskPlanner {
  private static final long FLOAT = 4;

  /** Name, type, shape and place of a tensor in a file's header. */
  private static final long HEADER = 130;

  /** What stands beside the tensors of a checkpoint: progress and manifest. */
  private static final long PROGRESS = 700;

  /** A step's line of numbers and its event for TensorBoard. */
  private static final long STEP = 270;

  /** An evaluation's line and event. */
  private static final long EVALUATION = 400;

  /** A test example's line but for its text. */
  private static final long PREDICTION = 110;

  /** The report as a page and as numbers, and what a label and an example shown add to it. */
  private static final long REPORT = 60_000;

  private static final long REPORT_LABEL = 2_500;

  /** What is written beside a model's weights: how it reads texts, or images. */
  private static final List<String> BESIDE =
      List.of("tokenizer.json", "tokenizer_config.json", "preprocessor_config.json", "config.json");

  private final Subject subject;

  DiskPlanner(Subject subject) {
    this.subject = subject;
  }

  DiskPlan plan(Path model) throws IOException {
    TrainSpec spec = subject.run().recipe().train();
    long each = checkpoint();
    long kept = Math.min(spec.keep(), subject.course().saves());
    boolean best = spec.earlyStopping() != null && subject.run().validation() != null;
    boolean apart = best && subject.course().saves() > kept;
    List<Amount> components = new ArrayList<>();
    components.add(new Amount("checkpoints", kept * each, kept + " kept"));
    if (apart) {
      components.add(new Amount("best checkpoint", each, "if it is none of these"));
    }
    components.add(
        subject.separate()
            ? new Amount("adapter", held(subject.trained()) + PROGRESS, subject.kinds())
            : new Amount("model", own() + beside(model), "float32, with what reads its input"));
    components.add(new Amount("logs", logs(), "metrics and TensorBoard"));
    if (subject.isCompared()) {
      components.add(new Amount("report and predictions", report(), "an estimate"));
    }
    long total = components.stream().mapToLong(Amount::bytes).sum();
    boolean pruned = subject.course().saves() > kept;
    long result = components.stream().filter(DiskPlanner::isLast).mapToLong(Amount::bytes).sum();
    return new DiskPlan(components, total, Math.max(total, total - result + (pruned ? each : 0)));
  }

  /** What is written when all checkpoints are. */
  private static boolean isLast(Amount a) {
    return !a.name().contains("checkpoint") && !a.name().equals("logs");
  }

  private long checkpoint() {
    long state = subject.optimizerBytes();
    long entries = subject.optimizerTensors();
    return held(subject.trained()) + state + entries * HEADER + PROGRESS;
  }

  /** In the types they are held in. */
  private static long held(Collection<Parameter> parameters) {
    return parameters.stream().mapToLong(p -> p.value().bytes() + HEADER).sum();
  }

  /** A model is always saved in float32. */
  private long own() {
    return Modules.ownParameters(subject.run().model().model()).values().stream()
        .distinct()
        .mapToLong(p -> FLOAT * p.count() + HEADER)
        .sum();
  }

  private static long beside(Path model) throws IOException {
    long sum = 0;
    for (String name : BESIDE) {
      Path file = model.resolve(name);
      sum += Files.exists(file) ? Files.size(file) : 0;
    }
    return sum;
  }

  private long logs() {
    long evaluations = subject.run().validation() == null ? 0 : subject.course().evaluations();
    return subject.course().steps().size() * STEP + evaluations * EVALUATION;
  }

  private long report() {
    if (subject.run().test() == null) {
      return 0;
    }
    List<Example> examples = subject.run().test().kept().examples();
    long texts = 0;
    for (Example e : examples) {
      texts += e.text().getBytes(StandardCharsets.UTF_8).length + PREDICTION;
    }
    return REPORT + subject.run().labels().size() * REPORT_LABEL + texts;
  }
}
