import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Fine-tunes all weights of a small BERT on SST-2 with Luthier and with the Trainer of transformers, in
 * turns, and writes what both took to {@code docs/benchmarks.md}.
 *
 * <pre>
 *   bench/encoder.sh [--data FOLDER] [--rounds 5] [--steps 120] [--warmup 20] [--threads N] [--dry]
 * </pre>
 *
 * The folder of the data is else that of the environment's LUTHIER_DATA. PYTHON names the Python that
 * has torch and transformers. {@code --dry} prints the page instead of writing it.
 */
final class EncoderBench {
  /** What one run took; CPU and wall time are those of the steps after the warm-up. */
  private record Taken(
      String program, int examples, double cpu, double wall, double firstStep, double peakMib) {
    static Taken of(JsonNode json) {
      return new Taken(
          json.get("peer").asText(),
          json.get("examples").asInt(),
          json.get("cpu_seconds").asDouble(),
          json.get("wall_seconds").asDouble(),
          json.get("seconds_to_first_step").asDouble(),
          json.get("peak_rss_mib").asDouble());
    }

    double perCpuSecond() {
      return examples / cpu;
    }

    double perSecond() {
      return examples / wall;
    }
  }

  /**
   * The three that ran one after another.
   *
   * @param ordered Luthier with batches in random order, as the peer makes them
   * @param grouped Luthier at its defaults, with batches of similar length
   */
  private record Round(Taken peer, Taken ordered, Taken grouped) {}

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path PAGE = Path.of("docs/benchmarks.md");
  private static final Path RECIPE = Path.of("docs/evidence/recipes/sst2-full.yaml");

  private Path data = Path.of(System.getenv().getOrDefault("LUTHIER_DATA", "data"));
  private int rounds = 5;
  private int steps = 120;
  private int warmup = 20;
  private int threads = Runtime.getRuntime().availableProcessors();
  private boolean dry;
  private double peakMib;

  private EncoderBench() {}

  public static void main(String[] arguments) throws Exception {
    EncoderBench bench = new EncoderBench();
    bench.read(arguments);
    List<Round> rounds = new ArrayList<>();
    for (int i = 0; i < bench.rounds; i++) {
      rounds.add(bench.round(i % 2 == 0));
      System.err.println(rounds.get(i));
    }
    String page = bench.page(rounds);
    if (bench.dry) {
      System.out.print(page);
    } else {
      Files.writeString(PAGE, page);
    }
  }

  private void read(String[] arguments) {
    ArrayDeque<String> rest = new ArrayDeque<>(List.of(arguments));
    while (!rest.isEmpty()) {
      String argument = rest.pop();
      switch (argument) {
        case "--data" -> data = Path.of(rest.pop());
        case "--rounds" -> rounds = Integer.parseInt(rest.pop());
        case "--steps" -> steps = Integer.parseInt(rest.pop());
        case "--warmup" -> warmup = Integer.parseInt(rest.pop());
        case "--threads" -> threads = Integer.parseInt(rest.pop());
        case "--dry" -> dry = true;
        default -> throw new IllegalArgumentException("unknown option " + argument);
      }
    }
    data = data.toAbsolutePath().normalize();
  }

  private Round round(boolean peerLast) throws IOException, InterruptedException {
    Taken before = peerLast ? null : peer();
    Taken ordered = luthier(false);
    Taken grouped = luthier(true);
    return new Round(before == null ? peer() : before, ordered, grouped);
  }

  /** A run of Luthier as a person starts it. The test data are left out: the peer has none. */
  private Taken luthier(boolean byLength) throws IOException, InterruptedException {
    Path run = Files.createTempDirectory("luthier-bench");
    Path recipe = run.resolve("recipe.yaml");
    Files.write(
        recipe,
        Files.readAllLines(RECIPE).stream().filter(line -> !line.startsWith("  test:")).toList());
    List<String> command = new ArrayList<>(List.of("./luthier", "train", recipe.toString()));
    settings(run, byLength).forEach(s -> command.addAll(List.of("--set", s)));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder
        .environment()
        .merge("LUTHIER_JAVA_OPTS", "-Dluthier.threads=" + threads, (a, b) -> a + " " + b);
    double start = now();
    execute(builder);
    Taken taken = measured(run.resolve("out/metrics.jsonl"), start, peakMib);
    delete(run);
    return taken;
  }

  private List<String> settings(Path run, boolean byLength) {
    return List.of(
        "model=" + data.resolve("m-minilm-l6"),
        "data.train.file=" + data.resolve("u-sst2/train.tsv"),
        "train.max-steps=" + steps,
        "train.save-every=" + steps,
        "train.order=" + (byLength ? "similar-length" : "random"),
        "optimizer.adamw.lr=5e-5",
        "optimizer.adamw.weight-decay=0",
        "schedule.linear.warmup=0",
        "output=" + run.resolve("out"));
  }

  private Taken measured(Path metrics, double start, double peakMib) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(metrics)) {
      JsonNode node = JSON.readTree(line);
      if (node.has("loss")) {
        lines.add(node);
      }
    }
    JsonNode begin = lines.get(warmup - 1);
    JsonNode end = lines.get(steps - 1);
    return new Taken(
        "Luthier",
        lines.subList(warmup, steps).stream().mapToInt(l -> l.get("examples").asInt()).sum(),
        end.get("cpu-seconds").asDouble() - begin.get("cpu-seconds").asDouble(),
        end.get("time").asDouble() - begin.get("time").asDouble(),
        lines.get(0).get("time").asDouble() - start,
        peakMib);
  }

  private Taken peer() throws IOException, InterruptedException {
    String python = System.getenv().getOrDefault("PYTHON", "python3");
    ProcessBuilder builder =
        new ProcessBuilder(
            python,
            "bench/transformers_sst2.py",
            data.resolve("m-minilm-l6").toString(),
            data.resolve("u-sst2/train.tsv").toString(),
            "--steps",
            Integer.toString(steps),
            "--warmup",
            Integer.toString(warmup));
    builder.environment().put("OMP_NUM_THREADS", Integer.toString(threads));
    builder.environment().put("START_NS", Long.toString((long) (now() * 1e9)));
    String[] lines = execute(builder).strip().split("\n");
    return Taken.of(JSON.readTree(lines[lines.length - 1]));
  }

  private String execute(ProcessBuilder builder) throws IOException, InterruptedException {
    Path log = Files.createTempFile("bench", ".log");
    Path out = Files.createTempFile("bench", ".out");
    Process process = builder.redirectError(log.toFile()).redirectOutput(out.toFile()).start();
    peakMib = 0;
    while (!process.waitFor(50, TimeUnit.MILLISECONDS)) {
      peakMib = Math.max(peakMib, peakMib(process));
    }
    int code = process.exitValue();
    if (code != 0) {
      throw new IOException(builder.command().get(0) + " failed:\n" + Files.readString(log));
    }
    String printed = Files.readString(out);
    Files.delete(log);
    Files.delete(out);
    return printed;
  }

  /** The most memory a process has held so far; 0 where the system does not say. */
  private static double peakMib(Process process) {
    try {
      return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0; // ended meanwhile
    }
  }

  private String page(List<Round> rounds) throws IOException {
    StringBuilder out = new StringBuilder();
    out.append(
        """
        # Benchmarks

        ## Fine-tuning an encoder

        All weights of a BERT of 6 layers, 384 wide, on the sentences of SST-2: batches of 32, float32, at most 128 tokens, AdamW,
        on the CPU. The peer is the Trainer of %s at its defaults: batches in random order, padded to their
        longest. Luthier runs with batches in random order too, and at its own defaults, with batches of similar length (neither
        pads). All run in turns on the same machine with %d threads; %d rounds of runs of %d steps, of which the first %d are
        warm-up. CPU seconds are those of all threads of the process; the time to the first step counts from the start of the
        program to the end of the first update.

        Medians; a ratio is the median of the rounds (least to greatest), and above 1 in favour of Luthier.

        | | transformers | Luthier, random order | ratio | Luthier, similar length | ratio |
        |---|---|---|---|---|---|
        """
            .formatted(rounds.get(0).peer().program(), threads, rounds.size(), steps, warmup));
    out.append(row("examples per CPU second", rounds, Taken::perCpuSecond, false));
    out.append(row("examples per second", rounds, Taken::perSecond, false));
    out.append(row("seconds to the first step", rounds, Taken::firstStep, true));
    out.append(row("peak memory, MiB", rounds, Taken::peakMib, true));
    out.append(
        """

        Machine: %s, %d processors, Java %s.

        To measure it again, with a Python that has the packages of `parity/requirements.txt` and a folder that holds
        `m-minilm-l6` and `u-sst2`:

        ```sh
        PYTHON=python3 bench/encoder.sh --data path/to/data --rounds %d
        ```
        """
            .formatted(
                processor(),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("java.version"),
                rounds.size()));
    return out.toString();
  }

  private static String row(
      String what, List<Round> rounds, ToDoubleFunction<Taken> value, boolean lessIsBetter) {
    return "| %s | %s | %s | %s | %s | %s |\n"
        .formatted(
            what,
            number(median(rounds.stream().map(r -> value.applyAsDouble(r.peer())).toList())),
            number(median(rounds.stream().map(r -> value.applyAsDouble(r.ordered())).toList())),
            ratio(rounds, Round::ordered, value, lessIsBetter),
            number(median(rounds.stream().map(r -> value.applyAsDouble(r.grouped())).toList())),
            ratio(rounds, Round::grouped, value, lessIsBetter));
  }

  private static String ratio(
      List<Round> rounds,
      Function<Round, Taken> ours,
      ToDoubleFunction<Taken> value,
      boolean lessIsBetter) {
    List<Double> ratios =
        rounds.stream()
            .map(r -> value.applyAsDouble(ours.apply(r)) / value.applyAsDouble(r.peer()))
            .map(r -> lessIsBetter ? 1 / r : r)
            .sorted()
            .toList();
    return "**%s** (%s to %s)"
        .formatted(
            number(median(ratios)), number(ratios.get(0)), number(ratios.get(ratios.size() - 1)));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value < 100 ? "%.2f" : "%,.0f", value);
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int half = sorted.size() / 2;
    return sorted.size() % 2 == 1 ? sorted.get(half) : (sorted.get(half - 1) + sorted.get(half)) / 2;
  }

  private static String processor() throws IOException {
    Path info = Path.of("/proc/cpuinfo");
    if (!Files.isReadable(info)) {
      return System.getProperty("os.arch");
    }
    return Files.readAllLines(info).stream()
        .filter(line -> line.startsWith("model name"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse(System.getProperty("os.arch"));
  }

  /** Seconds since 1970. */
  private static double now() {
    return System.currentTimeMillis() / 1e3;
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
