package dev.luthier.run;

import dev.luthier.data.Example;
import dev.luthier.data.Target;
import dev.luthier.data.batch.Collator;
import dev.luthier.data.batch.EncodedDataset;
import dev.luthier.data.batch.Encoder;
import dev.luthier.eval.metric.ClassificationPredictions;
import dev.luthier.eval.metric.Metric;
import dev.luthier.eval.metric.MultiLabelPredictions;
import dev.luthier.eval.metric.Predictions;
import dev.luthier.eval.metric.RegressionPredictions;
import dev.luthier.eval.metric.TokenLoss;
import dev.luthier.eval.metric.TokenPredictions;
import dev.luthier.model.Model;
import dev.luthier.model.tokenizer.Tokenizer;
import dev.luthier.train.EvaluationLoss;
import dev.luthier.train.Inference;
import dev.luthier.train.Objective;
import dev.luthier.train.Task;
import dev.luthier.train.TokenScores;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Asks a model about data and compares the answers with the truth.
 *
 * @param model to ask
 * @param labels the classes in the order of the logits; empty for tasks without classes
 * @param collator makes the task's batches
 * @param tokenizer of the model, or null if it sees images
 * @param task what is asked
 */
record Scoring(
    Model model, List<String> labels, Collator collator, @Nullable Tokenizer tokenizer, Task task) {
  /** From which probability on a label counts as said, where there may be several. */
  static final double THRESHOLD = 0.5;

  static Scoring of(Prepared run) {
    return new Scoring(
        run.model().model(),
        run.labels(),
        run.collator(),
        run.model().tokenizerOrNull(),
        run.recipe().task());
  }

  /** Whether the task's answers can be compared with what is true. */
  boolean isPossible() {
    return isPossible(task);
  }

  /** Whether the answers to a task can be judged. */
  static boolean isPossible(Task task) {
    return task instanceof Task.Scored || task instanceof Task.PerToken;
  }

  /** Whether the model is judged token by token. */
  boolean isPerToken() {
    return task instanceof Task.PerToken;
  }

  /** The present model's answers. */
  Predictions predictions(Encoder.Encoded part) {
    return isPerToken() ? tokens(part.data()) : predictions(part, answers(part.data()));
  }

  private TokenPredictions tokens(EncodedDataset data) {
    Tokenizer words = Objects.requireNonNull(tokenizer, "a model of texts");
    TokenScores[] scores = TokenScores.of(model, data, collator);
    return TokenPredictions.of(
        Arrays.stream(scores).mapToDouble(TokenScores::loss).toArray(),
        Arrays.stream(scores).mapToInt(TokenScores::tokens).toArray(),
        Arrays.stream(scores).mapToInt(TokenScores::right).toArray(),
        data.examples().stream().map(e -> words.decode(e.ids(), true)).toList());
  }

  /** What the present model says of each example: its scores, in the order of the data set. */
  double[][] answers(EncodedDataset data) {
    if (!(task instanceof Task.Scored scored)) {
      throw new IllegalStateException("this task gives no predictions");
    }
    float[][] logits = Inference.logits(model, data, collator);
    double[][] scores = new double[logits.length][];
    for (int i = 0; i < logits.length; i++) {
      scores[i] = scored.scores(logits[i]);
    }
    return scores;
  }

  /** Given answers, compared with the truth of a part of the data. */
  Predictions predictions(Encoder.Encoded part, double[][] scores) {
    List<Example> examples = part.kept().examples();
    List<String> texts = examples.stream().map(Scoring::text).toList();
    return switch (task.targetKind()) {
      case ONE_LABEL -> ClassificationPredictions.of(labels, scores, truth(examples), texts);
      case MANY_LABELS ->
          MultiLabelPredictions.of(labels, scores, flags(examples), THRESHOLD, texts);
      case SCORE -> {
        double[] predicted = new double[scores.length];
        double[] truth = new double[scores.length];
        for (int i = 0; i < scores.length; i++) {
          predicted[i] = scores[i][0];
          truth[i] = ((Target.Score) target(examples.get(i))).value();
        }
        yield RegressionPredictions.of(predicted, truth, texts);
      }
      case NONE, COMPLETION, VECTOR ->
          throw new IllegalStateException("this task gives no predictions");
    };
  }

  /** The class of each example, by its place among the labels. */
  int[] truth(List<Example> examples) {
    Map<String, Integer> index = index();
    return examples.stream()
        .mapToInt(e -> place(index, ((Target.OneLabel) target(e)).label()))
        .toArray();
  }

  private boolean[][] flags(List<Example> examples) {
    Map<String, Integer> index = index();
    boolean[][] out = new boolean[examples.size()][labels.size()];
    for (int i = 0; i < out.length; i++) {
      for (String label : ((Target.ManyLabels) target(examples.get(i))).labels()) {
        out[i][place(index, label)] = true;
      }
    }
    return out;
  }

  private Map<String, Integer> index() {
    Map<String, Integer> index = new TreeMap<>();
    for (int i = 0; i < labels.size(); i++) {
      index.put(labels.get(i), i);
    }
    return index;
  }

  private static int place(Map<String, Integer> index, String label) {
    return Objects.requireNonNull(index.get(label), "the data were conformed to the labels");
  }

  private static Target target(Example e) {
    Target t = e.target();
    if (t == null) {
      throw new IllegalStateException("row " + e.row() + " has no target");
    }
    return t;
  }

  static String text(Example e) {
    return e.pair() == null ? e.text() : e.text() + "  ·  " + e.pair();
  }

  /** The mean loss and the metrics of the present model on a part of the data. */
  Map<String, Double> scores(Encoder.Encoded part, Objective objective, List<Metric> metrics) {
    Map<String, Double> out = new TreeMap<>();
    Metric loss = new TokenLoss();
    if (isPerToken() && objective.equals(task.objective())) {
      Predictions p = predictions(part);
      out.put("loss", loss.value(p));
      metrics.forEach(m -> out.put(m.key(), m.value(p)));
      return out;
    }
    out.put("loss", EvaluationLoss.of(model, objective, part.data(), collator));
    if (isPossible()) {
      Predictions p = predictions(part);
      metrics.forEach(m -> out.put(m.key(), m.value(p)));
    }
    return out;
  }
}
