package dev.luthier.run;

import dev.luthier.data.Example;
import dev.luthier.data.Target;
import dev.luthier.data.batch.Encoder;
import dev.luthier.eval.metric.Predictions;
import dev.luthier.model.Model;
import dev.luthier.model.Pooling;
import dev.luthier.model.nn.Pass;
import dev.luthier.train.Inference;
import java.util.Arrays;
import java.util.List;

/**
 * What the model knows before it is tuned.
 *
 * @param words how it was asked, for the report
 * @param predictions its answers on the test data
 */
record BaseModel(String words, Predictions predictions) {
  /**
   * Sharpens cosines into probabilities; chosen once, so that the calibration plot means little.
   */
  private static final double SHARPNESS = 20;

  /**
   * Asks the untouched model. If it has a head for this very task, the head answers. If the head is
   * new, it knows nothing; then a text gets the class whose training texts' mean embedding is
   * nearest to its own, which needs no training and shows what the encoder itself knows. For
   * numbers and for several labels the answer is then the training data's mean.
   */
  static BaseModel ask(Prepared run, Encoder.Encoded test) {
    Scoring scoring = Scoring.of(run);
    if (scoring.isPerToken() && run.recipe().weights() == Recipe.Weights.RANDOM) {
      return new BaseModel("the same architecture with random weights", scoring.predictions(test));
    }
    if (scoring.isPerToken() || run.model().report().drawn().isEmpty()) {
      return new BaseModel("the model's own head, before tuning", scoring.predictions(test));
    }
    return switch (run.recipe().task().targetKind()) {
      case ONE_LABEL ->
          new BaseModel(
              "the untouched encoder: nearest class mean of its embeddings, nothing trained",
              scoring.predictions(test, nearestMean(run, scoring, test)));
      case MANY_LABELS ->
          new BaseModel(
              "how often each label occurs in training (the model has no head for this task yet)",
              scoring.predictions(test, constant(test, frequencies(run))));
      default ->
          new BaseModel(
              "the mean of the training data (the model has no head for this task yet)",
              scoring.predictions(test, constant(test, new double[] {mean(run)})));
    };
  }

  private static double[][] nearestMean(Prepared run, Scoring scoring, Encoder.Encoded test) {
    float[][] known = embeddings(run, run.train());
    int[] truth = scoring.truth(run.train().kept().examples());
    double[][] centres = new double[run.labels().size()][known[0].length];
    for (int i = 0; i < known.length; i++) {
      for (int d = 0; d < known[i].length; d++) {
        centres[truth[i]][d] += known[i][d];
      }
    }
    for (double[] c : centres) {
      double norm = Math.sqrt(Arrays.stream(c).map(x -> x * x).sum());
      for (int d = 0; d < c.length; d++) {
        c[d] /= Math.max(norm, 1e-12);
      }
    }
    float[][] asked = embeddings(run, test);
    double[][] scores = new double[asked.length][];
    for (int i = 0; i < asked.length; i++) {
      double[] similarity = new double[centres.length];
      for (int c = 0; c < centres.length; c++) {
        double cosine = 0;
        for (int d = 0; d < centres[c].length; d++) {
          cosine += asked[i][d] * centres[c][d];
        }
        similarity[c] = SHARPNESS * cosine;
      }
      scores[i] = softmax(similarity);
    }
    return scores;
  }

  private static double[] softmax(double[] logits) {
    double max = Arrays.stream(logits).max().orElse(0);
    double[] p = Arrays.stream(logits).map(l -> Math.exp(l - max)).toArray();
    double sum = Arrays.stream(p).sum();
    return Arrays.stream(p).map(x -> x / sum).toArray();
  }

  private static float[][] embeddings(Prepared run, Encoder.Encoded part) {
    Model model = run.model().model();
    return Inference.rows(
        part.data(),
        run.collator(),
        b ->
            Pooling.unit(
                Pooling.mean(
                    model.forward(b.tokens(), Pass.EVALUATION).hidden(), b.tokens().segments())));
  }

  private static double[] frequencies(Prepared run) {
    List<Example> examples = run.train().kept().examples();
    double[] share = new double[run.labels().size()];
    for (Example e : examples) {
      if (e.target() instanceof Target.ManyLabels many) {
        many.labels().forEach(l -> share[run.labels().indexOf(l)] += 1.0 / examples.size());
      }
    }
    return share;
  }

  private static double mean(Prepared run) {
    return run.train().kept().examples().stream()
        .mapToDouble(e -> e.target() instanceof Target.Score s ? s.value() : 0)
        .average()
        .orElse(0);
  }

  private static double[][] constant(Encoder.Encoded part, double[] answer) {
    double[][] out = new double[part.data().size()][];
    Arrays.fill(out, answer);
    return out;
  }
}
