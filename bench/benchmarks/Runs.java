import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.luthier.model.Head;
import dev.luthier.model.ModelConfig;
import dev.luthier.model.Pretrained;
import dev.luthier.model.tokenizer.Tokenizer;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Starts programs as a person would, and says what they took. */
final class Runs implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String DECODER =
      """
      {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 512,
       "intermediate_size": 1408, "num_hidden_layers": 8, "num_attention_heads": 8,
       "num_key_value_heads": 4, "vocab_size": 50257, "tie_word_embeddings": true,
       "max_position_embeddings": 1024, "rms_norm_eps": 1e-05, "rope_theta": 10000.0,
       "hidden_act": "silu", "bos_token_id": 50256, "eos_token_id": 50256}
      """;

  private final Path data;
  private final int threads;
  private final Path decoder;
  private double peakMib;

  Runs(Path data, int threads) throws IOException {
    this.data = data;
    this.threads = threads;
    this.decoder = Files.createTempDirectory("luthier-decoder");
  }

  /** What one run of a program took. */
  ObjectNode run(Cases.Case c, Cases.Program p) throws IOException, InterruptedException {
    if (c.id().startsWith("decoder") && !Files.exists(decoder.resolve("config.json"))) {
      makeDecoder(decoder);
    }
    if (c.id().equals("rows")) {
      return rows(p);
    }
    return p.whose() == Cases.Whose.LUTHIER ? luthier(c, p) : script(c, p);
  }

  private ObjectNode rows(Cases.Program p) throws IOException, InterruptedException {
    Path model = data.resolve("m-minilm-l6");
    Path file = Files.createTempFile("rows", ".tsv");
    List<String> once = Files.readAllLines(data.resolve("u-sst2/train.tsv"));
    for (int i = 0; i < Cases.TIMES; i++) {
      Files.write(file, once, java.nio.file.StandardOpenOption.APPEND);
    }
    List<String> command =
        p.whose() == Cases.Whose.LUTHIER
            ? List.of("java", "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"), "Rows", model + "", file + "")
            : List.of(python(), "bench/peer.py", "rows", model + "", file + "");
    ObjectNode taken = last(new ProcessBuilder(command));
    Files.delete(file);
    return taken;
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
  private ObjectNode luthier(Cases.Case c, Cases.Program p) throws IOException, InterruptedException {
    Path run = Files.createTempDirectory("luthier-bench");
    Path recipe = run.resolve("recipe.yaml");
    Files.writeString(recipe, recipe(c, run));
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

  private String recipe(Cases.Case c, Path run) throws IOException {
    String method = c.id().substring(c.id().lastIndexOf('-') + 1);
    String train =
        "train: {batch: %d, max-steps: %d, epochs: 100, save-every: %d}\noutput: %s\n"
            .formatted(c.id().startsWith("decoder") ? 8 : 32, c.steps(), c.steps(), run.resolve("out"));
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
      Files.write(part, Files.readAllLines(file).subList(0, 960));
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

  private static ObjectNode measured(Cases.Case c, Path metrics, double start) throws IOException {
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

  private ObjectNode script(Cases.Case c, Cases.Program p) throws IOException, InterruptedException {
    boolean decodes = c.id().startsWith("decoder");
    String file =
        decodes ? "d-gsm8k/train.jsonl" : c.id().contains("sst2") ? "u-sst2/train.tsv" : "d-banking77/train.csv";
    List<String> command = new ArrayList<>();
    command.add(python());
    command.add(p.whose() == Cases.Whose.LIMIT ? "bench/limit.py" : "bench/peer.py");
    command.add(decodes ? "decoder" : "encoder");
    command.add((decodes ? decoder : data.resolve("m-minilm-l6")).toString());
    command.add(data.resolve(file).toString());
    command.addAll(List.of("--steps", c.steps() + "", "--warmup", c.warmup() + ""));
    command.addAll(p.arguments());
    return last(new ProcessBuilder(command));
  }

  private static String python() {
    return System.getenv().getOrDefault("PYTHON", "python3");
  }

  /** What a program says in its last line. */
  private ObjectNode last(ProcessBuilder builder) throws IOException, InterruptedException {
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

  @Override
  public void close() throws IOException {
    delete(decoder);
  }
}
