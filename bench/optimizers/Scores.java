import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.commons.statistics.distribution.TDistribution;

/** What the runs say together. */
final class Scores {
  private Scores() {}

  /** A difference of means over the same seeds, and half the width of its 95 % interval. */
  record Difference(double mean, double within, int seeds) {
    boolean isShown() {
      return Math.abs(mean) > within;
    }
  }

  /** The factor of the rate that the validation data judge the best, by the first seed. */
  static double best(List<ObjectNode> runs, boolean classes, boolean trial) {
    return runs.stream()
        .filter(r -> r.get("seed").asInt() == 0 && r.get("trial").asBoolean() == trial && r.has("validation"))
        .filter(r -> Double.isFinite(r.get("validation_loss").asDouble()))
        .max(
            Comparator.comparingDouble((ObjectNode r) -> (classes ? 1 : -1) * r.get("validation").asDouble())
                .thenComparingDouble(r -> -r.get("validation_loss").asDouble()))
        .map(r -> r.get("factor").asDouble())
        .orElseGet(() -> runs.stream().mapToDouble(r -> r.get("factor").asDouble()).min().orElse(1));
  }

  /**
   * The whole runs of a subject at the rate that was chosen for it.
   *
   * @param tuned whether runs with one seed, at other rates, stand beside those of all seeds; else the rate that the
   *     validation data judge the best is the one
   */
  static List<ObjectNode> chosen(Results results, String setup, String subject, boolean tuned) {
    List<ObjectNode> whole =
        results.of(setup, subject).stream().filter(r -> !r.get("trial").asBoolean()).toList();
    double at = whole.isEmpty() ? Double.NaN : tuned ? rateOfMost(whole) : best(whole, true, false);
    return whole.stream().filter(r -> r.has("score") && near(r, at)).toList();
  }

  private static boolean near(ObjectNode run, double factor) {
    return Math.abs(run.get("factor").asDouble() / factor - 1) < 1e-6;
  }

  /** Seeds beyond the first were run at the rate chosen alone. */
  private static double rateOfMost(List<ObjectNode> runs) {
    return runs.stream()
        .max(Comparator.comparingInt(r -> r.get("seed").asInt()))
        .filter(r -> r.get("seed").asInt() > 0)
        .map(r -> r.get("factor").asDouble())
        .orElse(Double.NaN);
  }

  static double mean(List<ObjectNode> runs, String key) {
    return runs.stream().mapToDouble(r -> r.get(key).asDouble()).average().orElse(Double.NaN);
  }

  static double deviation(List<ObjectNode> runs, String key) {
    double mean = mean(runs, key);
    double squares = runs.stream().mapToDouble(r -> Math.pow(r.get(key).asDouble() - mean, 2)).sum();
    return runs.size() < 2 ? Double.NaN : Math.sqrt(squares / (runs.size() - 1));
  }

  /** Student's interval of the differences by seed, which draws examples, order and head alike for both. */
  static Difference difference(List<ObjectNode> of, List<ObjectNode> from) {
    double[] by =
        of.stream()
            .flatMap(
                a ->
                    from.stream()
                        .filter(b -> a.get("seed").equals(b.get("seed")))
                        .map(b -> a.get("score").asDouble() - b.get("score").asDouble()))
            .mapToDouble(d -> d)
            .toArray();
    double mean = Arrays.stream(by).average().orElse(Double.NaN);
    if (by.length < 2) {
      return new Difference(mean, Double.POSITIVE_INFINITY, by.length);
    }
    double squares = Arrays.stream(by).map(d -> (d - mean) * (d - mean)).sum();
    double error = Math.sqrt(squares / (by.length - 1) / by.length);
    double t = TDistribution.of(by.length - 1).inverseCumulativeProbability(0.975);
    return new Difference(mean, t * error, by.length);
  }

  /** Steps after which the loss, as a mean of ten steps, is at most this; or 0 if it never is. */
  static int stepsTo(ObjectNode run, double goal) {
    for (int i = 0; i < run.get("loss").size(); i++) {
      if (run.get("loss").get(i).asDouble() <= goal) {
        return (i + 1) * Run.BLOCK;
      }
    }
    return 0;
  }

  /** The mean loss of the last ten steps. */
  static double finalLoss(ObjectNode run) {
    int n = run.get("loss").size();
    return n == 0 ? Double.NaN : run.get("loss").get(n - 1).asDouble();
  }
}
