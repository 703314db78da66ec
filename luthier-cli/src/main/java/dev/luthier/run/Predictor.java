package dev.luthier.run;

import dev.luthier.data.DataException;
import dev.luthier.data.Dataset;
import dev.luthier.data.Example;
import dev.luthier.data.TargetKind;
import dev.luthier.data.batch.Encoder;
import dev.luthier.eval.harness.Evaluation;
import dev.luthier.eval.metric.Metric;
import dev.luthier.eval.metric.Predictions;
import dev.luthier.model.ModelException;
import dev.luthier.model.generate.Generation;
import dev.luthier.tensor.Rng;
import dev.luthier.train.Task;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Asks a tuned model about texts, or about images by the paths of their files:
 *
 * <pre>
 *   Predictor predictor = Predictor.load(Path.of("runs/tickets"));
 *   List&lt;Prediction&gt; said = predictor.predict(List.of("Where is my card?"));
 * </pre>
 *
 * May be used by several threads at once. The weights stay in memory as long as this object does.
 */
public final class Predictor {
  /** The most tokens written on a prompt, where nobody says. */
  public static final int TOKENS = 128;

  private final TunedModel tuned;
  private final Scoring scoring;
  private final Encoder encoder;

  private Predictor(TunedModel tuned) {
    this.tuned = tuned;
    this.scoring = tuned.scoring();
    this.encoder = tuned.inputs(Path.of("")).encoder();
  }

  /**
   * Loads the folder of a run; or of a model with a head for sequence classification or regression;
   * or of an adapter, if its base lies where the adapter says. A run computes as its recipe's
   * {@code train.precision} says, others in float32.
   */
  public static Predictor load(Path folder) {
    return new Predictor(TunedModel.load(folder, null));
  }

  /**
   * Loads a model with an adapter in PEFT's layout.
   *
   * @param folder of the model that the adapter was trained on
   */
  public static Predictor load(Path folder, Path adapter) {
    return new Predictor(TunedModel.load(folder, adapter));
  }

  /**
   * What the model says.
   *
   * @param predictions one for each text, in their order
   * @param truncated how many texts were cut, as they were longer than the model's limit
   */
  public record Answers(List<Prediction> predictions, int truncated) {
    /** Copies the list. */
    public Answers {
      predictions = List.copyOf(predictions);
    }
  }

  /**
   * What the model says of each text.
   *
   * @throws DataException naming the first text that is blank
   */
  public List<Prediction> predict(List<String> texts) {
    return texts.isEmpty() ? List.of() : predict(dataset(texts, null)).predictions();
  }

  /** What the model says of each pair of texts. */
  public List<Prediction> predict(List<String> texts, List<String> pairs) {
    if (texts.size() != pairs.size()) {
      throw new IllegalArgumentException(texts.size() + " texts, but " + pairs.size() + " pairs");
    }
    return texts.isEmpty() ? List.of() : predict(dataset(texts, pairs)).predictions();
  }

  /**
   * What a causal language model writes on each prompt.
   *
   * @param prompts without the recipe's prompt-format, which is put around them here
   * @throws ModelException if the model is not one that writes on
   */
  public Answers complete(List<String> prompts, Generation how, Rng.Key key) {
    return new Completer(tuned).complete(prompts, how, key);
  }

  /** Whether the model writes on texts, instead of saying something about them. */
  public boolean completes() {
    return targetKind() == TargetKind.COMPLETION;
  }

  /**
   * What the model says of each example; what is known of them is not looked at. A causal language
   * model writes on, each time with the likeliest token, up to {@value #TOKENS} of them.
   */
  public Answers predict(Dataset data) {
    if (completes()) {
      List<String> prompts = data.examples().stream().map(Example::text).toList();
      return complete(prompts, Generation.greedy(TOKENS), Rng.Key.of(0));
    }
    Encoder.Encoded encoded = encoder.asked(withoutTargets(data));
    List<Prediction> out = new ArrayList<>();
    for (double[] scores : scoring.answers(encoded.data())) {
      out.add(prediction(scores));
    }
    return new Answers(out, encoded.truncated());
  }

  /**
   * Measures what the model says of data whose truth is known: by the metrics of its recipe and the
   * usual ones, with intervals.
   *
   * @throws DataException naming the first row whose label the model does not know
   */
  public Evaluation evaluate(Dataset data) {
    KnownLabels.require(data, labels());
    Encoder.Encoded encoded = encoder.encode(data);
    Predictions predictions = scoring.predictions(encoded);
    Recipe recipe = recipe();
    List<Metric> named = recipe == null ? List.of() : recipe.evaluate();
    Evaluation measured = Evaluation.of(predictions, Judgement.of(named, predictions));
    return encoded.truncated() == 0
        ? measured
        : measured.withCaveat(
            "%d of %d texts had more than %d tokens and were cut."
                .formatted(encoded.truncated(), data.size(), limit()));
  }

  /** The labels, in the order of the model's outputs; one for numbers. */
  public List<String> labels() {
    return tuned.model().head().labels();
  }

  /** What the label column of data to compare with holds. */
  public TargetKind targetKind() {
    return tuned.task().targetKind();
  }

  /** Whether the model sees images: then what it is asked about are paths of image files. */
  public boolean seesImages() {
    return tuned.task() instanceof Task.OfImages;
  }

  /** The most tokens that the model reads of a text. */
  public int limit() {
    return tuned.limit();
  }

  /** The recipe of the run that the model comes from, or null. */
  public @Nullable Recipe recipe() {
    FinishedRun run = tuned.run();
    return run == null ? null : run.recipe();
  }

  /** The test data of the run that the model comes from; null without a run or test data. */
  public @Nullable Dataset testData() {
    FinishedRun run = tuned.run();
    Dataset test = run == null ? null : Prepared.splits(run.recipe(), run.base()).test();
    return run == null || test == null || !seesImages() ? test : from(run.base(), test);
  }

  /** Images by their paths from the working directory. */
  private static Dataset from(Path base, Dataset images) {
    return new Dataset(
        images.name(),
        images.examples().stream()
            .map(
                e ->
                    new Example(
                        e.row(), base.resolve(e.text()).toString(), null, e.target(), e.group()))
            .toList());
  }

  private Prediction prediction(double[] scores) {
    if (targetKind() == TargetKind.SCORE) {
      return new Prediction.Value(scores[0]);
    }
    Map<String, Double> byLabel = new LinkedHashMap<>();
    int best = 0;
    for (int i = 0; i < scores.length; i++) {
      byLabel.put(labels().get(i), scores[i]);
      best = scores[i] > scores[best] ? i : best;
    }
    if (targetKind() == TargetKind.ONE_LABEL) {
      return new Prediction.OneLabel(labels().get(best), scores[best], byLabel);
    }
    return new Prediction.ManyLabels(
        IntStream.range(0, scores.length)
            .filter(i -> scores[i] >= Scoring.THRESHOLD)
            .mapToObj(labels()::get)
            .toList(),
        byLabel);
  }

  private static Dataset dataset(List<String> texts, @Nullable List<String> pairs) {
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      String pair = pairs == null ? null : pairs.get(i);
      if (texts.get(i).isBlank() || (pair != null && pair.isBlank())) {
        throw new DataException("text " + (i + 1) + " is blank; leave it out");
      }
      examples.add(new Example(i + 1L, texts.get(i), pair, null));
    }
    return new Dataset("the texts", examples);
  }

  private static Dataset withoutTargets(Dataset data) {
    return new Dataset(
        data.name(),
        data.examples().stream().map(e -> new Example(e.row(), e.text(), e.pair(), null)).toList());
  }
}
