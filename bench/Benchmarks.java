import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.luthier.model.Head;
import dev.luthier.model.ModelConfig;
import dev.luthier.model.Pretrained;
import dev.luthier.model.tokenizer.Tokenizer;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * Runs Luthier and its peers in turns, keeps what each run took in {@code docs/benchmarks.jsonl}, and
 * writes the page {@code docs/benchmarks.md} from it.
 *
 * <pre>
 *   bench/benchmarks.sh [--data FOLDER] [--rounds 5] [--threads N] [--page] [CASE...]
 * </pre>
 *
 * The folder of the data is else that of the environment's LUTHIER_DATA. PYTHON names the Python that
 * has the packages of {@code parity/requirements.txt}. What was measured of a case named is replaced;
 * {@code --page} measures nothing.
 */
final class Benchmarks {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path RESULTS = Path.of("docs/benchmarks.jsonl");
  private static final Path PAGE = Path.of("docs/benchmarks.md");
  private static final String DECODER =
      """
      {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 512,
       "intermediate_size": 1408, "num_hidden_layers": 8, "num_attention_heads": 8,
       "num_key_value_heads": 4, "vocab_size": 50257, "tie_word_embeddings": true,
       "max_position_embeddings": 1024, "rms_norm_eps": 1e-05, "rope_theta": 10000.0,
       "hidden_act": "silu", "bos_token_id": 50256, "eos_token_id": 50256}
      """;

  /**
   * Weights of the matrices that every token must meet, of the encoder, whose last layer needs keys and
   * values only, and of the decoder, whose head needs the 63 % of the tokens that are learnt.
   */
  private static final double ENCODER_WEIGHTS = 5 * (4 * 384 * 384 + 2 * 384 * 1536) + 2 * 384 * 384;

  private static final double DECODER_WEIGHTS =
      8 * (2 * 512 * 512 + 2 * 512 * 256 + 3 * 512 * 1408) + 0.63 * 512 * 50257;

  /**
   * What is compared.
   *
   * @param unit of the work: examples or tokens
   * @param flops of the matrix products that a token cannot do without; 0 where that says nothing
   * @param about what is done, for the page
   */
  private record Case(
      String id,
      String title,
      String about,
      String unit,
      double flops,
      int steps,
      int warmup,
      List<Program> programs) {}

  /**
   * One of the programs of a case.
   *
   * @param arguments of the peer's script, or settings of Luthier's recipe
   */
  private record Program(String name, boolean peer, List<String> arguments) {}

  private Path data = Path.of(System.getenv().getOrDefault("LUTHIER_DATA", "data"));
  private int rounds = 5;
  private int threads = Runtime.getRuntime().availableProcessors();
  private boolean pageOnly;
  private final List<String> wanted = new ArrayList<>();
  private double peakMib;

  private Benchmarks() {}

  public static void main(String[] arguments) throws Exception {
    Benchmarks bench = new Benchmarks();
    bench.read(arguments);
    if (!bench.pageOnly) {
      bench.measure();
    }
    Files.writeString(PAGE, bench.page());
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
        case "--page" -> pageOnly = true;
        default -> wanted.add(argument);
      }
    }
    data = data.toAbsolutePath().normalize();
  }

  private static List<Case> cases() {
    List<Case> out = new ArrayList<>();
    for (String data : List.of("sst2", "banking77")) {
      for (String method : List.of("full", "lora")) {
        out.add(encoder(data, method));
      }
    }
    out.add(frozen("probe", "Linear probe of an encoder", "the head alone is trained"));
    out.add(frozen("last2", "The last two layers of an encoder", "with pooler and head"));
    out.add(decoder("lora"));
    out.add(decoder("full"));
    return out;
  }

  private static Case encoder(String data, String method) {
    String name = data.equals("sst2") ? "SST-2" : "BANKING77";
    List<Program> programs = new ArrayList<>();
    programs.add(new Program("Trainer, defaults", true, List.of("--method", method)));
    programs.add(new Program("Trainer, grouped", true, List.of("--method", method, "--grouped")));
    programs.add(
        new Program(
            "Trainer, grouped, bfloat16",
            true,
            List.of("--method", method, "--grouped", "--precision", "bfloat16")));
    programs.add(luthier("Luthier"));
    programs.add(luthier("Luthier, random order", "train.order=random"));
    programs.add(luthier("Luthier, bfloat16", "train.precision=bfloat16"));
    return new Case(
        "encoder-" + data + "-" + method,
        "Encoder, " + name + ", " + (method.equals("full") ? "all weights" : "LoRA"),
        "Batches of 32, at most 128 tokens.",
        "examples",
        (method.equals("full") ? 6 : 4) * ENCODER_WEIGHTS,
        24,
        8,
        programs);
  }

  private static Case frozen(String method, String title, String about) {
    return new Case(
        "encoder-sst2-" + method,
        title,
        "SST-2, the first 1,920 sentences, three epochs of 60 steps; " + about + ". Measured from the second epoch on.",
        "examples",
        0,
        180,
        60,
        List.of(
            new Program("Trainer, defaults", true, List.of("--method", method, "--rows", "1920")),
            new Program(
                "Trainer, grouped", true, List.of("--method", method, "--rows", "1920", "--grouped")),
            luthier("Luthier"),
            luthier("Luthier, frozen layers run each time", "train.memory.cache-frozen=false")));
  }

  private static Case decoder(String method) {
    return new Case(
        "decoder-" + method,
        "Decoder, GSM8K, " + (method.equals("full") ? "all weights" : "LoRA"),
        "A Llama of 8 layers, 512 wide, 8 heads of which 4 have keys and values, 50,257 words, random weights; batches of 8"
            + " questions and answers, of which the answers are learnt, at most 512 tokens.",
        "tokens",
        (method.equals("full") ? 6 : 4) * DECODER_WEIGHTS,
        12,
        4,
        List.of(
            new Program("SFTTrainer, defaults", true, List.of("--method", method)),
            new Program(
                "SFTTrainer, grouped, float32, nothing recomputed",
                true,
                List.of("--method", method, "--grouped", "--precision", "float32", "--keep")),
            new Program(
                "SFTTrainer, grouped, bfloat16, nothing recomputed",
                true,
                List.of("--method", method, "--grouped", "--precision", "bfloat16", "--keep")),
            luthier("Luthier"),
            luthier("Luthier, bfloat16", "train.precision=bfloat16")));
  }

  private static Program luthier(String name, String... settings) {
    return new Program(name, false, List.of(settings));
  }

  private void measure() throws IOException, InterruptedException {
    Path decoder = Files.createTempDirectory("luthier-decoder");
    List<ObjectNode> kept = results();
    for (Case c : cases()) {
      if (!wanted.isEmpty() && wanted.stream().noneMatch(c.id()::startsWith)) {
        continue;
      }
      if (c.id().startsWith("decoder") && !Files.exists(decoder.resolve("config.json"))) {
        makeDecoder(decoder);
      }
      kept.removeIf(r -> r.get("case").asText().equals(c.id()));
      for (int round = 0; round < rounds; round++) {
        List<Program> order = new ArrayList<>(c.programs());
        if (round % 2 == 1) {
          java.util.Collections.reverse(order);
        }
        for (Program p : order) {
          ObjectNode taken = p.peer() ? peer(c, p, decoder) : luthier(c, p, decoder);
          taken.put("case", c.id()).put("program", p.name()).put("round", round).put("threads", threads);
          if (c.flops() > 0 && round == 0 && p == order.get(0)) {
            taken.put("peak_gflops", matmulPeak(DType.F32)).put("peak_gflops_bf16", matmulPeak(DType.BF16));
          }
          System.err.println(taken);
          kept.add(taken);
        }
      }
      write(kept);
    }
    delete(decoder);
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

  private void makeDecoder(Path folder) throws IOException {
    Path gpt2 = data.resolve("f-tokenizers/gpt2");
    Path from = Files.createTempDirectory("luthier-shape");
    Files.writeString(from.resolve("config.json"), DECODER);
    Files.copy(gpt2.resolve("tokenizer.json"), from.resolve("tokenizer.json"));
    String end = "<|endoftext|>";
    Files.writeString(
        from.resolve("tokenizer_config.json"),
        "{\"tokenizer_class\": \"GPT2TokenizerFast\", \"bos_token\": \"%s\", \"eos_token\": \"%s\", \"unk_token\": \"%s\", \"model_max_length\": 1024}"
            .formatted(end, end, end));
    Pretrained.random(
            ModelConfig.read(from), Tokenizer.load(from), new Head.CausalLanguageModel(), Rng.Key.of(0))
        .save(folder, DType.F32);
    delete(from);
  }

  /** A run of Luthier as a person starts it. */
  private ObjectNode luthier(Case c, Program p, Path decoder) throws IOException, InterruptedException {
    Path run = Files.createTempDirectory("luthier-bench");
    Path recipe = run.resolve("recipe.yaml");
    Files.writeString(recipe, recipe(c, run, decoder));
    List<String> command = new ArrayList<>(List.of("./luthier", "train", recipe.toString()));
    p.arguments().forEach(s -> command.addAll(List.of("--set", s)));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder
        .environment()
        .merge("LUTHIER_JAVA_OPTS", "-Dluthier.threads=" + threads, (a, b) -> a + " " + b);
    double start = now();
    execute(builder);
    ObjectNode taken = measured(c, run.resolve("out/metrics.jsonl"), start).put("peak_rss_mib", peakMib);
    delete(run);
    return taken;
  }

  private String recipe(Case c, Path run, Path decoder) throws IOException {
    String method = c.id().substring(c.id().lastIndexOf('-') + 1);
    String train =
        "train: {batch: %d, max-steps: %d, epochs: 100, save-every: %d}\noutput: %s\n"
            .formatted(c.unit().equals("tokens") ? 8 : 32, c.steps(), c.steps(), run.resolve("out"));
    if (c.id().startsWith("decoder")) {
      return """
          model: %s
          task: causal-language-modelling
          data:
            train: {file: %s, prompt: question, completion: answer, prompt-format: "{prompt}\\n"}
            max-length: 512
          adapt: %s
          optimizer: {adamw: {lr: 2e-5}}
          """
              .formatted(
                  decoder,
                  data.resolve("d-gsm8k/train.jsonl"),
                  method.equals("lora") ? "[{lora: {r: 8, alpha: 16}}]" : "[full]")
          + train;
    }
    boolean sst2 = c.id().contains("sst2");
    Path file = data.resolve(sst2 ? "u-sst2/train.tsv" : "d-banking77/train.csv");
    if (c.flops() == 0) {
      Path part = run.resolve("train.tsv");
      Files.write(part, Files.readAllLines(file).subList(0, 1920));
      file = part;
    }
    return """
        model: %s
        task: sequence-classification
        data:
          train: {file: %s, %s}
          max-length: 128
        adapt: [%s]
        optimizer: {adamw: {lr: 5e-5}}
        """
            .formatted(
                data.resolve("m-minilm-l6"),
                file,
                sst2 ? "text: \"1\", label: \"2\", header: false, quote: none" : "text: text, label: category",
                switch (method) {
                  case "lora" -> "{lora: {r: 8, alpha: 16, modules-to-save: [classifier, bert.pooler]}}";
                  case "probe" -> "linear-probe";
                  case "last2" -> "{freeze: {layers: [0, 1, 2, 3], embeddings: true}}";
                  default -> "full";
                })
        + train;
  }

  private static ObjectNode measured(Case c, Path metrics, double start) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(metrics)) {
      JsonNode node = JSON.readTree(line);
      if (node.has("loss")) {
        lines.add(node);
      }
    }
    JsonNode begin = lines.get(c.warmup() - 1);
    JsonNode end = lines.get(c.steps() - 1);
    List<JsonNode> counted = lines.subList(c.warmup(), c.steps());
    return JSON.createObjectNode()
        .put("examples", counted.stream().mapToInt(l -> l.get("examples").asInt()).sum())
        .put("tokens", counted.stream().mapToInt(l -> l.get("tokens").asInt()).sum())
        .put("cpu_seconds", end.get("cpu-seconds").asDouble() - begin.get("cpu-seconds").asDouble())
        .put("wall_seconds", end.get("time").asDouble() - begin.get("time").asDouble())
        .put("seconds_to_first_step", lines.get(0).get("time").asDouble() - start);
  }

  private ObjectNode peer(Case c, Program p, Path decoder) throws IOException, InterruptedException {
    boolean decodes = c.id().startsWith("decoder");
    String file =
        decodes ? "d-gsm8k/train.jsonl" : c.id().contains("sst2") ? "u-sst2/train.tsv" : "d-banking77/train.csv";
    List<String> command = new ArrayList<>();
    command.add(System.getenv().getOrDefault("PYTHON", "python3"));
    command.addAll(List.of("bench/peer.py", decodes ? "decoder" : "encoder"));
    command.add((decodes ? decoder : data.resolve("m-minilm-l6")).toString());
    command.add(data.resolve(file).toString());
    command.addAll(List.of("--steps", c.steps() + "", "--warmup", c.warmup() + ""));
    command.addAll(p.arguments());
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("OMP_NUM_THREADS", Integer.toString(threads));
    builder.environment().put("START_NS", Long.toString((long) (now() * 1e9)));
    String[] lines = execute(builder).strip().split("\n");
    return (ObjectNode) JSON.readTree(lines[lines.length - 1]);
  }

  private String execute(ProcessBuilder builder) throws IOException, InterruptedException {
    Path log = Files.createTempFile("bench", ".log");
    Path out = Files.createTempFile("bench", ".out");
    Process process = builder.redirectError(log.toFile()).redirectOutput(out.toFile()).start();
    peakMib = 0;
    while (!process.waitFor(50, TimeUnit.MILLISECONDS)) {
      peakMib = Math.max(peakMib, peakMib(process));
    }
    if (process.exitValue() != 0) {
      throw new IOException(builder.command() + " failed:\n" + Files.readString(log));
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

  private String page() throws IOException {
    List<ObjectNode> all = results();
    StringBuilder out = new StringBuilder();
    out.append(
        """
        # Benchmarks

        Written by `bench/benchmarks.sh` from [benchmarks.jsonl](benchmarks.jsonl), which has what each run took.

        Luthier beside the Trainer of transformers and the SFTTrainer of TRL, which run the same model on the same data on the
        same machine, in turns. *Defaults* are what the trainers do when only asked to use the CPU: float32 and padded batches in random order
        (Trainer), bfloat16 with activation checkpointing (SFTTrainer). *Best* is the fastest of their rows. Luthier is at its
        defaults, float32, unless the row says otherwise; it never pads.

        Work per CPU second counts the time of all threads after the warm-up steps; padding is no work. A ratio is the median over the
        rounds of Luthier's figure by the peer's of the same round, (least to greatest), and above 1 in favour of Luthier. The first step
        counts from the start of the program to the end of the first update. *Share of peak* is the matrix products that the work cannot
        do without, by those the machine does in the same time (the fastest of twelve products of 1024 by 1024 a thread, in the faster of
        float32 and bfloat16).
        """);
    for (Case c : cases()) {
      List<ObjectNode> own = all.stream().filter(r -> r.get("case").asText().equals(c.id())).toList();
      if (!own.isEmpty()) {
        out.append(section(c, own));
      }
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

  private static String section(Case c, List<ObjectNode> own) {
    Map<String, List<ObjectNode>> byProgram = new LinkedHashMap<>();
    c.programs().forEach(p -> byProgram.put(p.name(), rows(own, p.name())));
    byProgram.values().removeIf(List::isEmpty);
    List<List<ObjectNode>> peers =
        c.programs().stream()
            .filter(Program::peer)
            .map(p -> rows(own, p.name()))
            .filter(rows -> !rows.isEmpty())
            .toList();
    String versions = own.stream().filter(r -> r.has("peer")).findFirst().orElseThrow().get("peer").asText();
    int measured = byProgram.values().stream().mapToInt(List::size).min().orElseThrow();
    int threads = own.get(0).get("threads").asInt(2);
    StringBuilder out = new StringBuilder();
    out.append(
        """

        ## %s

        %s %s; %d threads; %s of %d steps, of which %d are warm-up.

        | | %s per CPU second | by defaults | by best | first step, s | by defaults | peak memory, MiB | by defaults | by best | share of peak |
        |---|---|---|---|---|---|---|---|---|---|
        """
            .formatted(
                c.title(), c.about(), versions, threads, measured == 1 ? "one round" : measured + " rounds", c.steps(), c.warmup(), c.unit()));
    ToDoubleFunction<ObjectNode> speed = r -> r.get(c.unit()).asDouble() / r.get("cpu_seconds").asDouble();
    List<ObjectNode> best =
        peers.stream().max(Comparator.comparingDouble(rows -> median(rows, speed))).orElseThrow();
    ToDoubleFunction<ObjectNode> first = r -> r.get("seconds_to_first_step").asDouble();
    ToDoubleFunction<ObjectNode> memory = r -> r.get("peak_rss_mib").asDouble();
    byProgram.forEach(
        (name, rows) -> {
          boolean peer = rows.get(0).has("peer");
          out.append("| ").append(name);
          cell(out, number(median(rows, speed)));
          cell(out, peer ? "" : ratio(rows, peers.get(0), speed, false));
          cell(out, peer ? "" : ratio(rows, best, speed, false));
          cell(out, number(median(rows, first)));
          cell(out, peer ? "" : ratio(rows, peers.get(0), first, true));
          cell(out, number(median(rows, memory)));
          cell(out, peer ? "" : ratio(rows, peers.get(0), memory, true));
          cell(out, peer ? "" : ratio(rows, best, memory, true));
          cell(out, share(c, own, rows));
          out.append(" |\n");
        });
    return out.toString();
  }

  private static void cell(StringBuilder out, String text) {
    out.append(" | ").append(text);
  }

  private static String share(Case c, List<ObjectNode> own, List<ObjectNode> rows) {
    double peak =
        own.stream()
            .filter(r -> r.has("peak_gflops"))
            .mapToDouble(r -> Math.max(r.get("peak_gflops").asDouble(), r.get("peak_gflops_bf16").asDouble()))
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
