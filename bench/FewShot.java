import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Tunes luthier-mini on ten examples per intent with several seeds, each run in a process of its own, and writes
 * the table of {@code docs/shipped-model.md} from the reports. A run with a report is not made again, one that was
 * interrupted goes on.
 *
 * <pre>
 *   bench/few-shot.sh [--runs FOLDER] [--seeds 0,1,2]
 * </pre>
 *
 * LUTHIER_JAVA_OPTS reaches the processes.
 */
final class FewShot {
  /** A way to tune: how the table calls it, and what it is in a command. */
  private record Tuning(String words, String recipe, String weights) {}

  private static final Tuning RANDOM =
      new Tuning(
          "the same architecture from random weights, all of it trained (lr 1e-3)",
          "banking77-10-shot-full",
          "random");
  private static final Tuning FULL =
      new Tuning(
          "luthier-mini, all of it trained (lr 1e-3)", "banking77-10-shot-full", "pretrained");
  private static final Tuning LORA =
      new Tuning(
          "luthier-mini, LoRA r 8 and a head in full (lr 4e-3)", "banking77-10-shot", "pretrained");

  private static final Path PAGE = Path.of("docs/shipped-model.md");
  private static final ObjectMapper JSON = new ObjectMapper();

  private Path runs = Path.of("runs/few-shot");
  private List<Integer> seeds = List.of(0, 1, 2);

  private FewShot() {}

  public static void main(String[] arguments) throws Exception {
    FewShot bench = new FewShot();
    for (int i = 0; i < arguments.length; i += 2) {
      switch (arguments[i]) {
        case "--runs" -> bench.runs = Path.of(arguments[i + 1]);
        case "--seeds" ->
            bench.seeds =
                Arrays.stream(arguments[i + 1].split(",")).map(Integer::valueOf).toList();
        default -> throw new IllegalArgumentException("unknown option " + arguments[i]);
      }
    }
    for (int seed : bench.seeds) {
      for (Tuning tuning : List.of(RANDOM, FULL, LORA)) {
        bench.run(tuning, seed);
      }
    }
    String page = Files.readString(PAGE);
    Files.writeString(PAGE, page.replaceFirst("(?m)^\\| what \\|(.*\\n)(\\|.*\\n)+", bench.table()));
  }

  private Path folder(Tuning tuning, int seed) {
    return runs.resolve(tuning.recipe() + "-" + tuning.weights() + "-" + seed);
  }

  private void run(Tuning tuning, int seed) throws IOException, InterruptedException {
    Path run = folder(tuning, seed);
    if (Files.exists(run.resolve("report.json"))) {
      return;
    }
    List<String> command =
        new ArrayList<>(List.of(ProcessHandle.current().info().command().orElse("java")));
    String options = System.getenv().getOrDefault("LUTHIER_JAVA_OPTS", "").strip();
    command.addAll(options.isEmpty() ? List.of() : List.of(options.split("\\s+")));
    command.addAll(List.of("-jar", "luthier-cli/target/run/luthier.jar", "train"));
    command.add("recipes/" + tuning.recipe() + ".yaml");
    command.addAll(List.of("--set", "weights=" + tuning.weights()));
    command.addAll(List.of("--set", "train.seed=" + seed));
    command.addAll(List.of("--set", "output=" + run, "--resume"));
    int code = new ProcessBuilder(command).inheritIO().start().waitFor();
    if (code != 0) {
      throw new IOException(String.join(" ", command) + " failed (exit code " + code + ")");
    }
  }

  private String table() throws IOException {
    StringBuilder out = new StringBuilder("| what | by seed (" + join(seeds) + ") | accuracy |\n");
    out.append("|---|---|---|\n");
    out.append(
        row(
            "TF-IDF and the nearest class mean, no neural network",
            FULL,
            "/others/0/primary/value"));
    out.append(row(RANDOM.words(), RANDOM, "/metrics/0/tuned/value"));
    out.append(
        row(
            "luthier-mini untouched: nearest class mean of its embeddings",
            FULL,
            "/metrics/0/base/value"));
    out.append(row(FULL.words(), FULL, "/metrics/0/tuned/value"));
    out.append(row(LORA.words(), LORA, "/metrics/0/tuned/value"));
    return out.toString();
  }

  private String row(String words, Tuning tuning, String place) throws IOException {
    List<Double> values = new ArrayList<>();
    for (int seed : seeds) {
      JsonNode report = JSON.readTree(folder(tuning, seed).resolve("report.json").toFile());
      if (!report.at("/metrics/0/metric").asText().equals("accuracy")
          || !report.at("/others/0/name").asText().startsWith("TF-IDF")) {
        throw new IOException("the report of " + folder(tuning, seed) + " is another's");
      }
      values.add(100 * report.at(place).asDouble());
    }
    double mean = values.stream().mapToDouble(v -> v).average().orElseThrow();
    double squares = values.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum();
    String spread =
        values.size() < 2 ? "" : format(" ± %.1f", Math.sqrt(squares / (values.size() - 1)));
    List<String> bySeed = values.stream().map(v -> format("%.1f", v)).toList();
    return "| %s | %s | %s%s |\n".formatted(words, join(bySeed), format("%.1f", mean), spread);
  }

  private static String join(List<?> values) {
    return values.stream().map(Object::toString).collect(Collectors.joining(", "));
  }

  private static String format(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
