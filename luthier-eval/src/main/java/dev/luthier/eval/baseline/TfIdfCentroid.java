package dev.luthier.eval.baseline;

import dev.luthier.eval.metric.ClassificationPredictions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The nearest-centroid classifier over TF-IDF vectors (Rocchio 1971). A text is the vector of its
 * words, each weighted by
 *
 * <pre>
 *   tf · idf,   tf = times in the text,   idf = ln((1 + texts) / (1 + texts with the word)) + 1
 * </pre>
 *
 * of length one; a label is the mean of its texts' vectors, of length one; the answer is the label
 * with the greatest cosine. Words are runs of two or more letters or digits, in lower case.
 */
public final class TfIdfCentroid {
  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{M}\\p{N}]{2,}");

  private final List<String> labels;
  private final Map<String, Double> idf;
  private final List<Map<String, Double>> centroids;

  private TfIdfCentroid(
      List<String> labels, Map<String, Double> idf, List<Map<String, Double>> centroids) {
    this.labels = labels;
    this.idf = idf;
    this.centroids = centroids;
  }

  /**
   * Learns from labelled texts.
   *
   * @param labels the label names
   * @param texts the training texts, at least one
   * @param truth the index of each text's label
   */
  public static TfIdfCentroid fit(List<String> labels, List<String> texts, int[] truth) {
    if (texts.isEmpty() || texts.size() != truth.length) {
      throw new IllegalArgumentException(
          "there are %d texts and %d labels of them".formatted(texts.size(), truth.length));
    }
    Map<String, Double> idf = inverseDocumentFrequency(texts);
    List<Map<String, Double>> centroids = new ArrayList<>();
    for (int c = 0; c < labels.size(); c++) {
      centroids.add(new TreeMap<>());
    }
    for (int i = 0; i < truth.length; i++) {
      Map<String, Double> centroid = centroids.get(truth[i]);
      vector(texts.get(i), idf)
          .forEach((word, weight) -> centroid.merge(word, weight, Double::sum));
    }
    centroids.forEach(TfIdfCentroid::normalise);
    return new TfIdfCentroid(List.copyOf(labels), idf, centroids);
  }

  /**
   * Classifies. The scores are the cosines over their sum: they rank the labels, and are no
   * calibrated probabilities. A text that shares no word with the training texts scores all labels
   * alike.
   *
   * @param texts the texts to classify
   * @param truth the index of each text's label
   */
  public ClassificationPredictions predict(List<String> texts, int[] truth) {
    double[][] scores = new double[texts.size()][];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = scores(texts.get(i));
    }
    return ClassificationPredictions.of(labels, scores, truth, texts);
  }

  private double[] scores(String text) {
    Map<String, Double> vector = vector(text, idf);
    double[] cosines = new double[labels.size()];
    double sum = 0;
    for (int c = 0; c < cosines.length; c++) {
      Map<String, Double> centroid = centroids.get(c);
      for (Map.Entry<String, Double> word : vector.entrySet()) {
        cosines[c] += word.getValue() * centroid.getOrDefault(word.getKey(), 0.0);
      }
      sum += cosines[c];
    }
    for (int c = 0; c < cosines.length; c++) {
      cosines[c] = sum == 0 ? 1.0 / cosines.length : cosines[c] / sum;
    }
    return cosines;
  }

  private static Map<String, Double> inverseDocumentFrequency(List<String> texts) {
    Map<String, Integer> textsWith = new HashMap<>();
    for (String text : texts) {
      words(text).keySet().forEach(word -> textsWith.merge(word, 1, Integer::sum));
    }
    Map<String, Double> idf = new HashMap<>();
    textsWith.forEach(
        (word, count) -> idf.put(word, Math.log((1.0 + texts.size()) / (1.0 + count)) + 1));
    return idf;
  }

  /** The words known to the training texts, weighted; of length one, or empty. */
  private static Map<String, Double> vector(String text, Map<String, Double> idf) {
    Map<String, Double> vector = new TreeMap<>();
    words(text)
        .forEach(
            (word, count) -> {
              Double weight = idf.get(word);
              if (weight != null) {
                vector.put(word, count * weight);
              }
            });
    normalise(vector);
    return vector;
  }

  private static Map<String, Integer> words(String text) {
    Map<String, Integer> words = new TreeMap<>();
    Matcher matcher = WORD.matcher(text.toLowerCase(Locale.ROOT));
    while (matcher.find()) {
      words.merge(matcher.group(), 1, Integer::sum);
    }
    return words;
  }

  private static void normalise(Map<String, Double> vector) {
    double squares = 0;
    for (double weight : vector.values()) {
      squares += weight * weight;
    }
    double length = Math.sqrt(squares);
    vector.replaceAll((word, weight) -> weight / length);
  }
}
