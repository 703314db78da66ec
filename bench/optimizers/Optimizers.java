import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.luthier.train.optim.OptimizerKeys;
import dev.luthier.model.llama.Llama2cFile;
import dev.luthier.run.Recipe;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Engine;
import dev.luthier.train.GradientTransform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Tunes the rate of every optimizer by the same small budget, runs each with several seeds, then every regularizer with
 * and without, and writes {@code docs/evidence/optimizers.md} from {@code docs/evidence/optimizers.jsonl}, which has what
 * each run gave. A run that was made is not made again, so the command goes on where it was stopped.
 *
 * <pre>
 *   bench/optimizers.sh [--data FOLDER] [--threads 1] [--again] [--page] [CASE[/SUBJECT]...]
 * </pre>
 *
 * The folder of the data is else that of the environment's LUTHIER_DATA. Cases are {@code few-shot}, {@code
 * regularizers}, {@code stories} and {@code whole}; {@code few-shot/lion} is one row of one. {@code --again} makes the runs of what is named
 * anew; {@code --page} runs nothing.
 */
final class Optimizers {
  static final Path RUNS = Path.of("runs/optimizers");
  static final String REGULARIZERS = "regularizers";

  private static final Path RESULTS = Path.of("docs/evidence/optimizers.jsonl");
  private static final Path PAGE = Path.of("docs/evidence/optimizers.md");
  private static final int SEEDS = 3;
  private static final int REGULARIZER_SEEDS = 5;
  private static final int BEST = 5;

  /** Rates that may be tried beyond the end of the grid, where the best lies there. */
  private static final int EXTENSIONS = 2;

  private Path data = Path.of(System.getenv().getOrDefault("LUTHIER_DATA", "data"));
  private int threads = 1;
  private boolean pageOnly;
  private boolean again;
  private final List<String> wanted = new ArrayList<>();
  private final Results results;

  private Optimizers() throws IOException {
    this.results = new Results(RESULTS);
  }

  public static void main(String[] arguments) throws Exception {
    Optimizers bench = new Optimizers();
    bench.read(arguments);
    if (!bench.pageOnly) {
      bench.measure();
    }
    Files.writeString(PAGE, new OptimizersPage(bench.results, bench.setups()).text());
    System.err.println("wrote " + PAGE);
  }

  private void read(String[] arguments) {
    ArrayDeque<String> rest = new ArrayDeque<>(List.of(arguments));
    while (!rest.isEmpty()) {
      String argument = rest.pop();
      switch (argument) {
        case "--data" -> data = Path.of(rest.pop());
        case "--threads" -> threads = Integer.parseInt(rest.pop());
        case "--again" -> again = true;
        case "--page" -> pageOnly = true;
        default -> wanted.add(argument);
      }
    }
    data = data.toAbsolutePath().normalize();
  }

  private List<Setup> setups() {
    return List.of(
        Setup.fewShot(), Setup.stories(data, RUNS.resolve("stories260k").toAbsolutePath()), Setup.whole(data));
  }

  private boolean wants(String setup, Subject s) {
    String id = setup + "/" + s.name();
    return wanted.isEmpty() || wanted.contains(setup) || wanted.contains(id);
  }

  private void measure() throws IOException {
    Engine.setThreads(threads);
    Files.createDirectories(RUNS);
    if (again) {
      results.forget(
          r -> wanted.contains(Results.text(r, "case"))
              || wanted.contains(Results.text(r, "case") + "/" + Results.text(r, "subject")));
    }
    Setup fewShot = setups().get(0);
    optimizers(fewShot, Subjects.optimizers());
    regularizers(fewShot);
    Setup stories = setups().get(1);
    if (Files.exists(data.resolve("m-stories260k"))) {
      decoder();
      optimizers(stories, Subjects.optimizers());
    }
    Setup whole = setups().get(2);
    if (Files.exists(data.resolve("m-minilm-l6"))) {
      for (Subject s : best()) {
        if (wants(whole.name(), s)) {
          double best = tuned(whole, s);
          seeds(whole.name(), whole, s, best, 1);
          seeds(whole.name(), whole, s, best / Setup.STEP, 1); // Short runs favour high rates.
        }
      }
    }
  }

  private void decoder() throws IOException {
    Path to = RUNS.resolve("stories260k");
    if (!Files.exists(to.resolve("config.json"))) {
      Path from = data.resolve("m-stories260k");
      Llama2cFile.read(from.resolve("stories260K.bin"), from.resolve("tok512.bin")).save(to, DType.F32);
    }
  }

  private void optimizers(Setup setup, List<Subject> subjects) throws IOException {
    for (Subject s : subjects) {
      if (wants(setup.name(), s)) {
        seeds(setup.name(), setup, s, tuned(setup, s), SEEDS);
      }
    }
  }

  private void regularizers(Setup setup) throws IOException {
    List<Subject> subjects = Subjects.regularizers().stream().filter(s -> wants(REGULARIZERS, s)).toList();
    if (subjects.isEmpty()) {
      return;
    }
    Subject adamw = Subjects.optimizers().get(0);
    double factor = tuned(setup, adamw);
    seeds(setup.name(), setup, adamw, factor, REGULARIZER_SEEDS);
    for (Subject s : subjects) {
      for (int seed = 0; seed < REGULARIZER_SEEDS && s.objective().contains(Teacher.PLACE); seed++) {
        Teacher.make(setup, factor, seed);
      }
      seeds(REGULARIZERS, setup, s, factor, REGULARIZER_SEEDS);
    }
  }

  /** AdamW and the best others with few examples, judged by the validation data. */
  private List<Subject> best() {
    List<Subject> all = Subjects.optimizers();
    String name = setups().get(0).name();
    List<Subject> out = new ArrayList<>(List.of(all.get(0)));
    all.stream()
        .filter(s -> !s.isAdamW() && !s.around())
        .filter(s -> Scores.chosen(results, name, s.name(), true).size() >= SEEDS)
        .sorted(
            Comparator.comparingDouble(
                s -> -Scores.mean(Scores.chosen(results, name, s.name(), true), "validation")))
        .limit(BEST)
        .forEach(out::add);
    return out;
  }

  /** Tries the rates of the grid with the first seed, and a few more where the best is the last. */
  private double tuned(Setup setup, Subject s) throws IOException {
    boolean trial = setup.trialSteps() > 0;
    List<Double> factors = new ArrayList<>(setup.factors());
    for (double factor : setup.factors()) {
      run(setup.name(), setup, s, factor, 0, trial);
    }
    for (int i = 0; i < EXTENSIONS; i++) {
      double best = Scores.best(results.of(setup.name(), s.name()), setup.classes(), trial);
      double least = factors.stream().min(Comparator.naturalOrder()).orElseThrow();
      double most = factors.stream().max(Comparator.naturalOrder()).orElseThrow();
      if (best > least * 1.01 && best < most / 1.01) {
        break;
      }
      double next = best > least * 1.01 ? most * Setup.STEP : least / Setup.STEP;
      factors.add(next);
      run(setup.name(), setup, s, next, 0, trial);
    }
    return Scores.best(results.of(setup.name(), s.name()), setup.classes(), trial);
  }

  private void seeds(String name, Setup setup, Subject s, double factor, int seeds) throws IOException {
    for (int seed = 0; seed < seeds; seed++) {
      run(name, setup, s, factor, seed, false);
    }
  }

  private void run(String name, Setup setup, Subject s, double factor, int seed, boolean trial)
      throws IOException {
    if (results.find(name, s.name(), factor, seed, trial).isPresent()) {
      return;
    }
    Recipe recipe = setup.recipe(s, seed, trial);
    GradientTransform optimizer = OptimizerKeys.times(recipe.optimizer(), factor);
    ObjectNode run =
        Results.empty()
            .put("case", name)
            .put("subject", s.name())
            .put("link", s.around())
            .put("factor", factor)
            .put("rate", OptimizerKeys.rates(optimizer).get(0))
            .put("seed", seed)
            .put("trial", trial);
    run.setAll(Run.of(setup, recipe, factor, model -> {}));
    System.err.println(run);
    results.add(run);
  }
}
