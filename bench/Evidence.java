import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Runs the recipes of {@code docs/evidence/recipes} with several seeds, each in a process of its own,
 * and writes the accuracies beside the reference's to {@code docs/evidence/encoder.md}. What is done
 * already is not done again: a run with a report is kept, one that was interrupted goes on.
 *
 * <pre>
 *   bench/evidence.sh [--data FOLDER] [--runs FOLDER] [--seeds 0,1,2] [--table] [NAME...]
 * </pre>
 *
 * The folder of the data is else that of the environment's LUTHIER_DATA; {@code --table} runs nothing;
 * the names are those of the recipes, by default those that have three seeds in the reference.
 * LUTHIER_JAVA_OPTS reaches the processes.
 */
final class Evidence {
  /** What transformers and peft reach with the same recipes; see docs/evidence/README.md. */
  private record Reference(String recipe, String data, String method, double... accuracies) {}

  private static final List<Reference> REFERENCES =
      List.of(
          new Reference("banking77-full", "BANKING77", "full", 92.95, 92.73, 93.12),
          new Reference("banking77-lora", "BANKING77", "LoRA", 93.31, 93.25, 93.51),
          new Reference(
              "banking77-lora-longest-first", "BANKING77", "LoRA, long to short", 93.31, 93.25, 93.51),
          new Reference("sst2-full", "SST-2", "full", 88.91, 88.58, 89.02),
          new Reference("sst2-lora", "SST-2", "LoRA", 88.80, 87.70, 88.52),
          new Reference("clinc150-full", "CLINC150", "full", 95.18),
          new Reference("clinc150-lora", "CLINC150", "LoRA", 96.38));

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path TABLE = Path.of("docs/evidence/encoder.md");

  private Path data = Path.of(System.getenv().getOrDefault("LUTHIER_DATA", "data"));
  private Path runs = Path.of("runs/evidence");
  private List<Integer> seeds = List.of(0, 1, 2);
  private boolean tableOnly;
  private final List<String> names = new ArrayList<>();

  private Evidence() {}

  public static void main(String[] arguments) throws Exception {
    Evidence evidence = new Evidence();
    evidence.read(arguments);
    if (!evidence.tableOnly) {
      evidence.run();
    }
    Files.writeString(TABLE, evidence.table());
    System.err.println("wrote " + TABLE);
  }

  private void read(String[] arguments) {
    var rest = new java.util.ArrayDeque<>(List.of(arguments));
    while (!rest.isEmpty()) {
      String argument = rest.pop();
      switch (argument) {
        case "--data" -> data = Path.of(rest.pop());
        case "--runs" -> runs = Path.of(rest.pop());
        case "--seeds" -> seeds = Arrays.stream(rest.pop().split(",")).map(Integer::valueOf).toList();
        case "--table" -> tableOnly = true;
        default -> names.add(argument);
      }
    }
    if (names.isEmpty()) {
      REFERENCES.stream().filter(r -> r.accuracies().length > 1).forEach(r -> names.add(r.recipe()));
    }
  }

  private void run() throws IOException, InterruptedException {
    for (int seed : seeds) {
      for (String name : names) {
        Path run = runs.resolve(name + "-" + seed);
        if (!Files.exists(run.resolve("report.json"))) {
          train(name, seed, run);
        }
      }
    }
  }

  private void train(String name, int seed, Path run) throws IOException, InterruptedException {
    Path recipe = Path.of("docs/evidence/recipes", name + ".yaml");
    List<String> command = new ArrayList<>(List.of(ProcessHandle.current().info().command().orElse("java")));
    String options = System.getenv().getOrDefault("LUTHIER_JAVA_OPTS", "").strip();
    command.addAll(options.isEmpty() ? List.of() : List.of(options.split("\\s+")));
    command.addAll(List.of("-jar", "luthier-cli/target/run/luthier.jar", "train", recipe.toString()));
    for (String line : Files.readAllLines(recipe)) {
      String text = line.strip();
      if (text.startsWith("model: ")) {
        set(command, "model=" + data.resolve(text.substring(7)).toAbsolutePath());
      } else if (text.matches("(train|test): \\{file: .*")) {
        String file = text.replaceAll(".*\\{file: ([^,}]+).*", "$1");
        set(command, "data." + text.split(":")[0] + ".file=" + data.resolve(file).toAbsolutePath());
      }
    }
    set(command, "train.seed=" + seed);
    set(command, "output=" + run);
    if (Files.exists(run.resolve("run.json"))) {
      command.add("--resume");
    }
    System.err.println("== " + name + ", seed " + seed);
    int code = new ProcessBuilder(command).inheritIO().start().waitFor();
    if (code != 0) {
      throw new IOException(name + " with seed " + seed + " failed (exit code " + code + ")");
    }
  }

  private static void set(List<String> command, String setting) {
    command.addAll(List.of("--set", setting));
  }

  private String table() throws IOException {
    StringBuilder out = new StringBuilder();
    out.append(
        """
        # Encoders: accuracy beside the reference

        Written by `bench/evidence.sh` from the reports of the runs; how, and what the reference is, stands in
        [README.md](README.md). Test accuracy in percent after the last epoch, mean ± standard deviation over seeds.

        | data | method | Luthier, by seed | Luthier | reference | difference | standard error | parameters trained |
        |---|---|---|---|---|---|---|---|
        """);
    for (Reference reference : REFERENCES) {
      out.append(row(reference));
    }
    return out.toString();
  }

  private String row(Reference reference) throws IOException {
    List<Double> ours = new ArrayList<>();
    List<String> bySeed = new ArrayList<>();
    long trained = 0;
    for (int seed : seeds) {
      Path file = runs.resolve(reference.recipe() + "-" + seed).resolve("report.json");
      if (!Files.exists(file)) {
        bySeed.add("–");
        continue;
      }
      JsonNode report = JSON.readTree(file.toFile());
      double accuracy = 100 * accuracy(report);
      ours.add(accuracy);
      bySeed.add(format("%.2f", accuracy));
      trained = report.at("/facts/cost/trainable_parameters").asLong();
    }
    if (ours.isEmpty()) {
      return "";
    }
    List<Double> theirs = Arrays.stream(reference.accuracies()).boxed().toList();
    return "| %s | %s | %s | %s | %s | %s | %s | %s |\n"
        .formatted(
            reference.data(),
            reference.method(),
            String.join(" ", bySeed),
            spread(ours),
            spread(theirs),
            format("%+.2f", mean(ours) - mean(theirs)),
            ours.size() > 1 && theirs.size() > 1 ? format("%.2f", standardError(ours, theirs)) : "–",
            format("%,d", trained));
  }

  private static double accuracy(JsonNode report) throws IOException {
    for (JsonNode metric : report.get("metrics")) {
      if (metric.get("metric").asText().equals("accuracy")) {
        return metric.at("/tuned/value").asDouble();
      }
    }
    throw new IOException("a report without accuracy");
  }

  private static String spread(List<Double> values) {
    return values.size() > 1
        ? format("%.2f ± %.2f", mean(values), deviation(values))
        : format("%.2f (one seed)", values.get(0));
  }

  /** The standard error of the difference of two means. */
  private static double standardError(List<Double> a, List<Double> b) {
    return Math.sqrt(Math.pow(deviation(a), 2) / a.size() + Math.pow(deviation(b), 2) / b.size());
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(v -> v).average().orElseThrow();
  }

  private static double deviation(List<Double> values) {
    double mean = mean(values);
    double squares = values.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum();
    return Math.sqrt(squares / (values.size() - 1));
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
