import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The page that the results make. */
final class Page {
  private Page() {}

  static String of(List<ObjectNode> all) throws IOException {
    StringBuilder out = new StringBuilder();
    out.append(
        """
        # Benchmarks

        Written by `bench/benchmarks.sh` from [benchmarks.jsonl](benchmarks.jsonl), which has what each run took.

        Luthier beside the Trainer of transformers and the SFTTrainer of TRL, which run the same model on the same data on the
        same machine, in turns. *Defaults* are what the trainers do when only asked to use the CPU: float32 and padded batches in random order
        (Trainer), bfloat16 with activation checkpointing (SFTTrainer). *Best* is the fastest of their rows. *By hand* is `bench/limit.py`,
        what a person can write in PyTorch for this one model: nothing padded, queries, keys and values in one product, logits where something
        is learnt. Luthier is at its defaults, float32, unless the row says otherwise; it never pads.

        Work per CPU second counts the time of all threads after the warm-up steps; padding is no work. A ratio is the median over the
        rounds of Luthier's figure by the peer's of the same round, (least to greatest), and above 1 in favour of Luthier. The first step
        counts from the start of the program to the end of the first update. *Share of peak* is the matrix products that the work cannot
        do without, by those the machine does in the same time, of the whole of which the rest of the work takes its part too: the fastest
        of twelve products of 1024 by 1024 a thread, in float32, and for rows in bfloat16 in the faster of the two.
        """);
    for (Cases.Case c : Cases.all()) {
      List<ObjectNode> own = all.stream().filter(r -> r.get("case").asText().equals(c.id())).toList();
      if (!own.isEmpty()) {
        out.append(c.unit().equals("rows") ? rowsSection(c, own) : section(c, own));
      }
    }
    List<ObjectNode> scale = all.stream().filter(r -> r.get("case").asText().equals(Scale.ID)).toList();
    List<ObjectNode> products =
        all.stream().filter(r -> r.get("case").asText().equals(Products.ID)).toList();
    if (!products.isEmpty()) {
      out.append(productsSection(products));
    }
    if (!scale.isEmpty()) {
      out.append(scaleSection(scale));
    }
    out.append(
        """

        Machine: %s, %d processors, Java %s.

        To measure it again, with a Python that has the packages of `parity/requirements.txt` and a folder that holds
        `m-minilm-l6`, `u-sst2`, `d-banking77`, `d-gsm8k` and `f-tokenizers`; cases can be named, as in `encoder-sst2`:

        ```sh
        PYTHON=python3 bench/benchmarks.sh --data path/to/data --rounds 5
        ```
        """
            .formatted(
                processor(), Runtime.getRuntime().availableProcessors(), System.getProperty("java.version")));
    return out.append('\n').append(Files.readString(Path.of("bench/remarks.md"))).toString();
  }

  private static String section(Cases.Case c, List<ObjectNode> own) {
    Map<Cases.Program, List<ObjectNode>> byProgram = new LinkedHashMap<>();
    c.programs().forEach(p -> byProgram.put(p, rows(own, p.name())));
    byProgram.values().removeIf(List::isEmpty);
    List<List<ObjectNode>> peers = of(byProgram, Cases.Whose.PEER);
    List<List<ObjectNode>> hand = of(byProgram, Cases.Whose.LIMIT);
    ToDoubleFunction<ObjectNode> speed = r -> r.get(c.unit()).asDouble() / r.get("cpu_seconds").asDouble();
    ToDoubleFunction<ObjectNode> first = r -> r.get("seconds_to_first_step").asDouble();
    ToDoubleFunction<ObjectNode> memory = r -> r.get("peak_rss_mib").asDouble();
    List<ObjectNode> defaults = peers.get(0);
    List<ObjectNode> best = fastest(peers, speed);
    List<ObjectNode> limit = hand.isEmpty() ? List.of() : fastest(hand, speed);
    StringBuilder out = new StringBuilder(head(c, own, byProgram));
    byProgram.forEach(
        (program, rows) -> {
          boolean ours = program.whose() == Cases.Whose.LUTHIER;
          out.append("| ").append(program.name());
          cell(out, number(median(rows, speed)));
          cell(out, ours ? ratio(rows, defaults, speed, false) : "");
          cell(out, ours ? ratio(rows, best, speed, false) : "");
          cell(out, ours ? ratio(rows, limit, speed, false) : "");
          cell(out, number(median(rows, first)));
          cell(out, ours ? ratio(rows, defaults, first, true) : "");
          cell(out, number(median(rows, memory)));
          cell(out, ours ? ratio(rows, defaults, memory, true) : "");
          cell(out, ours ? ratio(rows, best, memory, true) : "");
          cell(out, share(c, own, program, rows));
          out.append(" |\n");
        });
    return out.toString();
  }

  private static String head(
      Cases.Case c, List<ObjectNode> own, Map<Cases.Program, List<ObjectNode>> byProgram) {
    String versions = own.stream().filter(r -> r.has("peer")).findFirst().orElseThrow().get("peer").asText();
    int measured =
        byProgram.entrySet().stream()
            .filter(e -> !e.getKey().once())
            .mapToInt(e -> e.getValue().size())
            .min()
            .orElseThrow();
    String once = byProgram.keySet().stream().anyMatch(Cases.Program::once) ? "; compiled, one round" : "";
    return """

        ## %s

        %s %s; %d threads; %s of %d steps, of which %d are warm-up%s.

        | | %s per CPU second | by defaults | by best | by hand | first step, s | by defaults | peak memory, MiB | by defaults | by best | share of peak |
        |---|---|---|---|---|---|---|---|---|---|---|
        """
        .formatted(
            c.title(),
            c.about(),
            versions,
            own.get(0).get("threads").asInt(2),
            measured == 1 ? "one round" : measured + " rounds",
            c.steps(),
            c.warmup(),
            once,
            c.unit());
  }

  private static List<List<ObjectNode>> of(
      Map<Cases.Program, List<ObjectNode>> byProgram, Cases.Whose whose) {
    return byProgram.entrySet().stream()
        .filter(e -> e.getKey().whose() == whose)
        .map(Map.Entry::getValue)
        .toList();
  }

  /** What ran once is no measure for ratios of rounds. */
  private static List<ObjectNode> fastest(List<List<ObjectNode>> of, ToDoubleFunction<ObjectNode> speed) {
    int rounds = of.stream().mapToInt(List::size).max().orElseThrow();
    return of.stream()
        .filter(rows -> rows.size() == rounds)
        .max(Comparator.comparingDouble(rows -> median(rows, speed)))
        .orElseThrow();
  }

  private static String rowsSection(Cases.Case c, List<ObjectNode> own) {
    ToDoubleFunction<ObjectNode> wall = r -> r.get("rows").asDouble() / r.get("wall_seconds").asDouble();
    ToDoubleFunction<ObjectNode> cpu = r -> r.get("rows").asDouble() / r.get("cpu_seconds").asDouble();
    List<ObjectNode> peer = rows(own, c.programs().get(0).name());
    StringBuilder out = new StringBuilder();
    out.append(
        """

        ## %s

        %s %s.

        | | rows per second | by the peer | rows per CPU second | by the peer |
        |---|---|---|---|---|
        """
            .formatted(c.title(), c.about(), peer.size() == 1 ? "One round" : peer.size() + " rounds"));
    for (Cases.Program p : c.programs()) {
      List<ObjectNode> rows = rows(own, p.name());
      boolean ours = p.whose() == Cases.Whose.LUTHIER;
      out.append("| ").append(p.name());
      cell(out, number(median(rows, wall)));
      cell(out, ours ? ratio(rows, peer, wall, false) : "");
      cell(out, number(median(rows, cpu)));
      cell(out, ours ? ratio(rows, peer, cpu, false) : "");
      out.append(" |\n");
    }
    return out.toString();
  }

  private static String productsSection(List<ObjectNode> own) {
    StringBuilder out = new StringBuilder();
    out.append(
        """

        ## The matrix products of a LoRA step

        By themselves, on one thread: with the frozen weights, forward and back to the input, and with the adapters, of all layers in
        turn, at the mean number of tokens of a batch. The fastest of twelve passes, by the peak of the same type.

        | | Gflop/s | peak | share |
        |---|---|---|---|
        """);
    for (ObjectNode row : own) {
      double done = row.get("gflops").asDouble();
      double peak = row.get("peak_gflops").asDouble();
      out.append("| ").append(row.get("program").asText());
      cell(out, number(done));
      cell(out, number(peak));
      cell(out, Math.round(100 * done / peak) + " %");
      out.append(" |\n");
    }
    return out.toString();
  }

  private static String scaleSection(List<ObjectNode> own) {
    StringBuilder out = new StringBuilder();
    out.append(
        """

        ## What a step costs as things grow

        A Llama 256 wide with 8 heads, all weights trained, float32: 8 sequences of 128 tokens, 4 layers and 8,000 words, of which one
        grows at a time. Processor milliseconds of a step, the median of seven; %s threads.

        | what grows | | | | | fit | largest deviation |
        |---|---|---|---|---|---|---|
        """
            .formatted(own.get(0).get("threads").asText()));
    StringBuilder plots = new StringBuilder();
    for (Scale.Axis axis : Scale.Axis.values()) {
      String name = axis.name().toLowerCase(Locale.ROOT);
      List<ObjectNode> rows = rows(own, name);
      double[] x = rows.stream().mapToDouble(r -> r.get("point").asDouble()).toArray();
      double[] y = rows.stream().mapToDouble(r -> r.get("cpu_milliseconds").asDouble()).toArray();
      out.append("| ").append(name);
      for (int i = 0; i < x.length; i++) {
        cell(out, String.format(Locale.ROOT, "%,.0f: %.0f ms", x[i], y[i]));
      }
      double[] line = line(x, y);
      double off = 0;
      for (int i = 0; i < x.length; i++) {
        off = Math.max(off, Math.abs(y[i] - line[0] - line[1] * x[i]) / y[i]);
      }
      cell(out, String.format(Locale.ROOT, "%.0f + %.3g x", line[0], line[1]));
      cell(out, String.format(Locale.ROOT, "%.0f %%", 100 * off));
      out.append(" |\n");
      plots.append(
          """

          ```mermaid
          xychart-beta
            title "%s"
            x-axis [%s]
            y-axis "CPU ms a step" 0 --> %.0f
            line [%s]
          ```
          """
              .formatted(name, joined(x), 1.1 * java.util.Arrays.stream(y).max().orElse(1), joined(y)));
    }
    return out.append(plots).toString();
  }

  /** The straight line of least squares: where it begins, and how it rises. */
  private static double[] line(double[] x, double[] y) {
    double mx = java.util.Arrays.stream(x).average().orElseThrow();
    double my = java.util.Arrays.stream(y).average().orElseThrow();
    double xy = 0;
    double xx = 0;
    for (int i = 0; i < x.length; i++) {
      xy += (x[i] - mx) * (y[i] - my);
      xx += (x[i] - mx) * (x[i] - mx);
    }
    return new double[] {my - xy / xx * mx, xy / xx};
  }

  private static String joined(double[] values) {
    return java.util.Arrays.stream(values)
        .mapToObj(v -> String.format(Locale.ROOT, "%.0f", v))
        .collect(java.util.stream.Collectors.joining(", "));
  }

  private static void cell(StringBuilder out, String text) {
    out.append(" | ").append(text);
  }

  private static String share(
      Cases.Case c, List<ObjectNode> own, Cases.Program program, List<ObjectNode> rows) {
    double peak =
        own.stream()
            .filter(r -> r.has("peak_gflops"))
            .mapToDouble(
                r ->
                    Math.max(
                        r.get("peak_gflops").asDouble(),
                        program.isBfloat16() ? r.get("peak_gflops_bf16").asDouble() : 0))
            .max()
            .orElse(0);
    if (c.flops() == 0 || peak == 0) {
      return "–";
    }
    double done =
        median(rows, r -> c.flops() * r.get("tokens").asDouble() / r.get("cpu_seconds").asDouble()) / 1e9;
    return Math.round(100 * done / peak) + " %";
  }

  private static List<ObjectNode> rows(List<ObjectNode> all, String program) {
    return all.stream().filter(r -> r.get("program").asText().equals(program)).toList();
  }

  private static String ratio(
      List<ObjectNode> ours, List<ObjectNode> theirs, ToDoubleFunction<ObjectNode> value, boolean lessIsBetter) {
    List<Double> ratios = new ArrayList<>();
    for (ObjectNode our : ours) {
      theirs.stream()
          .filter(t -> t.get("round").asInt() == our.get("round").asInt())
          .mapToDouble(t -> value.applyAsDouble(our) / value.applyAsDouble(t))
          .map(r -> lessIsBetter ? 1 / r : r)
          .forEach(ratios::add);
    }
    ratios.sort(Comparator.naturalOrder());
    return ratios.isEmpty()
        ? "–"
        : "**%s** (%s–%s)"
            .formatted(
                number(median(ratios)), number(ratios.get(0)), number(ratios.get(ratios.size() - 1)));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value < 100 ? "%.2f" : "%,.0f", value);
  }

  private static double median(List<ObjectNode> rows, ToDoubleFunction<ObjectNode> value) {
    return median(rows.stream().mapToDouble(value).boxed().toList());
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
}
