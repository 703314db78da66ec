import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.recipe.Recipes;
import dev.luthier.run.FineTuning;
import dev.luthier.run.Prediction;
import dev.luthier.run.Predictor;
import dev.luthier.run.Recipe;
import dev.luthier.train.Listener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Lets eight threads predict while one trains, all in one process, and fails unless every prediction
 * equals the one that a single thread made, and memory and the time of a step stay level.
 *
 * <pre>
 *   bench/soak.sh [MINUTES]
 * </pre>
 *
 * Ten minutes by default, with the model and the data that come with the repository. Memory and time
 * of the last third may exceed those of the second by a tenth: the first belongs to warming up.
 */
final class Soak {
  private static final int THREADS = 8;
  private static final int TEXTS = 8;
  private static final double GROWTH = 1.1;

  private final Instant end;
  private final Path folder;
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final AtomicLong predictions = new AtomicLong();
  private final List<Long> memory = new ArrayList<>();

  private Soak(Duration length) throws IOException {
    this.end = Instant.now().plus(length);
    this.folder = Files.createTempDirectory("luthier-soak");
  }

  public static void main(String[] arguments) throws Exception {
    double minutes = arguments.length == 0 ? 10 : Double.parseDouble(arguments[0]);
    boolean sound = new Soak(Duration.ofMillis(Math.round(minutes * 60_000))).run();
    System.exit(sound ? 0 : 1);
  }

  private boolean run() throws Exception {
    Path first = folder.resolve("first");
    FineTuning.of(recipe(first, "max-steps=20"), Path.of("recipes")).run();
    Predictor predictor = Predictor.load(first);
    List<List<String>> questions = questions();
    List<List<Prediction>> expected = questions.stream().map(predictor::predict).toList();

    AtomicReference<FineTuning> training = new AtomicReference<>();
    List<Thread> threads = new ArrayList<>();
    threads.add(new Thread(() -> guarded(() -> train(training)), "trains"));
    for (int i = 0; i < THREADS; i++) {
      int from = i;
      Thread asks =
          new Thread(
              () -> guarded(() -> ask(predictor, questions, expected, from)), "predicts-" + i);
      threads.add(asks);
    }
    threads.forEach(Thread::start);
    while (!isOver()) {
      Thread.sleep(1000);
      memory.add(residentMib());
    }
    while (!training.get().requestStop() && threads.get(0).isAlive()) {
      Thread.sleep(10);
    }
    for (Thread t : threads) {
      t.join();
    }
    return judge();
  }

  private boolean isOver() {
    return Instant.now().isAfter(end) || failure.get() != null;
  }

  private interface Work {
    void run() throws Exception;
  }

  private void guarded(Work work) {
    try {
      work.run();
    } catch (Exception | Error e) {
      failure.compareAndSet(null, e);
    }
  }

  private void train(AtomicReference<FineTuning> training) throws IOException {
    FineTuning run =
        FineTuning.of(recipe(folder.resolve("run"), "epochs=100000"), Path.of("recipes"));
    training.set(run);
    Listener.Outcome outcome = run.run().outcome();
    if (!isOver()) {
      throw new IllegalStateException("training ended early: " + outcome);
    }
  }

  private void ask(
      Predictor predictor,
      List<List<String>> questions,
      List<List<Prediction>> expected,
      int from) {
    for (int i = from; !isOver(); i++) {
      int which = i % questions.size();
      if (!predictor.predict(questions.get(which)).equals(expected.get(which))) {
        throw new IllegalStateException("another answer to " + questions.get(which));
      }
      predictions.addAndGet(TEXTS);
    }
  }

  private static Recipe recipe(Path output, String... train) {
    List<String> settings = new ArrayList<>();
    settings.add("output=" + output);
    settings.add("data.test=null");
    for (String t : train) {
      settings.add("train." + t);
    }
    return Recipes.read(Path.of("recipes/banking77-10-shot.yaml"), Recipe.class, settings);
  }

  private static List<List<String>> questions() throws IOException {
    List<String> lines = Files.readAllLines(Path.of("data/banking77/test.csv"));
    List<List<String>> out = new ArrayList<>();
    for (int i = 1; i + TEXTS <= 400; i += TEXTS) {
      out.add(lines.subList(i, i + TEXTS));
    }
    return out;
  }

  private boolean judge() throws IOException {
    List<Double> seconds = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("run/metrics.jsonl"))) {
      JsonNode step = new ObjectMapper().readTree(line);
      if (step.has("loss")) {
        seconds.add(step.get("seconds").asDouble());
      }
    }
    double before = median(third(seconds, 1));
    double after = median(third(seconds, 2));
    double held = median(third(memory.stream().map(Long::doubleValue).toList(), 1));
    double holds = median(third(memory.stream().map(Long::doubleValue).toList(), 2));
    System.out.printf(
        Locale.ROOT,
        "%d predictions by %d threads, %d training steps%n"
            + "a step: %.0f ms, then %.0f ms%nmemory: %.0f MiB, then %.0f MiB%n",
        predictions.get(),
        THREADS,
        seconds.size(),
        1000 * before,
        1000 * after,
        held,
        holds);
    if (failure.get() != null) {
      failure.get().printStackTrace();
      return false;
    }
    boolean level = after <= GROWTH * before && holds <= GROWTH * held;
    System.out.println(
        level ? "every prediction as by one thread; level" : "memory or the time of a step grows");
    return level;
  }

  /** The second or last third of what was noted. */
  private static List<Double> third(List<Double> values, int which) {
    return values.subList(values.size() * which / 3, values.size() * (which + 1) / 3);
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().skip(values.size() / 2).findFirst().orElse(0.0);
  }

  private static long residentMib() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.isReadable(status)) {
      return 0;
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024)
        .findFirst()
        .orElse(0);
  }
}
