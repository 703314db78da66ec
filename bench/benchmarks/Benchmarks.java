import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Runs Luthier, its peers and what a person can write by hand in turns, keeps what each run took in
 * {@code docs/benchmarks.jsonl}, and writes the page {@code docs/benchmarks.md} from it.
 *
 * <pre>
 *   bench/benchmarks.sh [--data FOLDER] [--rounds 5] [--more] [--threads N] [--page] [CASE...]
 * </pre>
 *
 * The folder of the data is else that of the environment's LUTHIER_DATA. PYTHON names the Python that
 * has the packages of {@code parity/requirements.txt}. What was measured of a case named is replaced,
 * or with {@code --more} added to; {@code --page} measures nothing. The case {@code scale} is how the
 * cost of a step grows, {@code products} how near to the peak the matrix products of a step come.
 */
final class Benchmarks {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path RESULTS = Path.of("docs/benchmarks.jsonl");
  private static final Path PAGE = Path.of("docs/benchmarks.md");

  private Path data = Path.of(System.getenv().getOrDefault("LUTHIER_DATA", "data"));
  private int rounds = 5;
  private int threads = Runtime.getRuntime().availableProcessors();
  private boolean pageOnly;
  private boolean more;
  private final List<String> wanted = new ArrayList<>();

  private Benchmarks() {}

  public static void main(String[] arguments) throws Exception {
    Benchmarks bench = new Benchmarks();
    bench.read(arguments);
    if (!bench.pageOnly) {
      bench.measure();
    }
    Files.writeString(PAGE, Page.of(results()));
    System.err.println("wrote " + PAGE);
  }

  private void read(String[] arguments) {
    ArrayDeque<String> rest = new ArrayDeque<>(List.of(arguments));
    while (!rest.isEmpty()) {
      String argument = rest.pop();
      switch (argument) {
        case "--data" -> data = Path.of(rest.pop());
        case "--rounds" -> rounds = Integer.parseInt(rest.pop());
        case "--threads" -> threads = Integer.parseInt(rest.pop());
        case "--more" -> more = true;
        case "--page" -> pageOnly = true;
        default -> wanted.add(argument);
      }
    }
    data = data.toAbsolutePath().normalize();
  }

  private boolean wants(String id) {
    return wanted.isEmpty() || wanted.stream().anyMatch(id::startsWith);
  }

  private void measure() throws IOException, InterruptedException {
    List<ObjectNode> kept = results();
    try (Runs runs = new Runs(data, threads)) {
      for (Cases.Case c : Cases.all()) {
        if (wants(c.id())) {
          measure(c, runs, kept);
        }
      }
    }
    if (wants(Scale.ID)) {
      kept.removeIf(r -> r.get("case").asText().equals(Scale.ID));
      kept.addAll(Scale.measure(threads));
      write(kept);
    }
    if (wants(Products.ID)) {
      kept.removeIf(r -> r.get("case").asText().equals(Products.ID));
      kept.addAll(Products.measure(matmulPeak(DType.F32), matmulPeak(DType.BF16)));
      write(kept);
    }
  }

  private void measure(Cases.Case c, Runs runs, List<ObjectNode> kept)
      throws IOException, InterruptedException {
    if (!more) {
      kept.removeIf(r -> r.get("case").asText().equals(c.id()));
    }
    int first =
        1
            + kept.stream()
                .filter(r -> r.get("case").asText().equals(c.id()))
                .mapToInt(r -> r.get("round").asInt())
                .max()
                .orElse(-1);
    for (int round = first; round < first + rounds; round++) {
      List<Cases.Program> order = new ArrayList<>(c.programs());
      if (round % 2 == 1) {
        Collections.reverse(order);
      }
      for (Cases.Program p : order) {
        if (p.once() && round > 0) {
          continue;
        }
        ObjectNode taken = runs.run(c, p);
        taken.put("case", c.id()).put("program", p.name()).put("round", round).put("threads", threads);
        if (c.flops() > 0 && round == 0 && p == order.get(0)) {
          taken.put("peak_gflops", matmulPeak(DType.F32)).put("peak_gflops_bf16", matmulPeak(DType.BF16));
        }
        System.err.println(taken);
        kept.add(taken);
      }
      write(kept);
    }
  }

  private static List<ObjectNode> results() throws IOException {
    List<ObjectNode> out = new ArrayList<>();
    if (Files.exists(RESULTS)) {
      for (String line : Files.readAllLines(RESULTS)) {
        out.add((ObjectNode) JSON.readTree(line));
      }
    }
    return out;
  }

  private static void write(List<ObjectNode> results) throws IOException {
    StringBuilder out = new StringBuilder();
    results.forEach(r -> out.append(r).append('\n'));
    Files.writeString(RESULTS, out, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING);
  }

  /** Gigaflops a second of one thread in large matrix products. */
  private static double matmulPeak(DType type) {
    dev.luthier.tensor.Engine.setThreads(1);
    double best = 0;
    try (Scope scope = Scope.open()) {
      Tensor a = Tensor.full(0.5, type, 1024, 1024);
      for (int i = 0; i < 12; i++) {
        try (Scope inner = Scope.open()) {
          long begun = System.nanoTime();
          var unused = a.matmul(a);
          best = Math.max(best, 2 * Math.pow(1024, 3) / (System.nanoTime() - begun));
        }
      }
    }
    return best;
  }
}
