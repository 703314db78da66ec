import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.OperatingSystemMXBean;
import dev.luthier.train.optim.OptimizerKeys;
import dev.luthier.data.Target;
import dev.luthier.data.batch.Encoder;
import dev.luthier.model.Pretrained;
import dev.luthier.model.nn.Modules;
import dev.luthier.run.Prepared;
import dev.luthier.run.Recipe;
import dev.luthier.tensor.Rng;
import dev.luthier.train.Inference;
import dev.luthier.train.Listener;
import dev.luthier.train.NonFiniteException;
import dev.luthier.train.TokenScores;
import dev.luthier.train.checkpoint.Checkpoints;
import dev.luthier.train.Identity;
import dev.luthier.train.loop.Trainer;
import java.io.DataInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/** One run, and what it gave. */
final class Run {
  /** Steps that are told together: the clock of the processor's time is coarse. */
  static final int BLOCK = 10;

  private static final Path BASE = Path.of("").toAbsolutePath();

  private Run() {}

  /** Sees the losses and the processor's time. */
  private static final class Watch implements Listener {
    private final OperatingSystemMXBean clock =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private final List<Double> losses = new ArrayList<>();
    private final List<Double> milliseconds = new ArrayList<>();
    private double sum;
    private long begun;

    @Override
    public void started(RunInfo run) {
      begun = clock.getProcessCpuTime();
    }

    @Override
    public Wish stepped(StepReport step) {
      sum += step.loss();
      if ((step.step() + 1) % BLOCK == 0) {
        long now = clock.getProcessCpuTime();
        losses.add(sum / BLOCK);
        milliseconds.add((now - begun) / 1e6 / BLOCK);
        sum = 0;
        begun = now;
      }
      return Wish.NONE;
    }

    double median() {
      double[] sorted = milliseconds.stream().mapToDouble(v -> v).sorted().toArray();
      return sorted.length == 0 ? Double.NaN : sorted[sorted.length / 2];
    }
  }

  /**
   * Trains and judges.
   *
   * @param factor what the rates of the recipe's optimizer are multiplied by
   * @param then is given the tuned model
   */
  static ObjectNode of(Setup setup, Recipe recipe, double factor, Consumer<Pretrained> then) throws IOException {
    ObjectNode out = Results.empty();
    Prepared run = Prepared.load(recipe, BASE);
    Path folder = Files.createTempDirectory("luthier-optimizers");
    Watch watch = new Watch();
    try {
      recipe.adapt().forEach(a -> a.apply(run.model(), Rng.Key.of(recipe.train().seed()).with("adapt")));
      out.put("weights", Modules.countTrainable(run.model().model()));
      var unused = new Trainer(setup(run, factor, watch, folder)).run();
      judge(setup, run, out);
      out.put("state_bytes", stateBytes(folder));
      then.accept(run.model());
    } catch (NonFiniteException e) {
      out.put("error", "diverged: " + e.what() + " in step " + (e.step() + 1));
    } catch (RuntimeException e) { // One that fails must not end hours of others; the page names it.
      out.put("error", String.valueOf(e.getMessage()).lines().findFirst().orElse(e.toString()));
    } finally {
      delete(folder);
      Modules.parameters(run.model().model()).values().forEach(p -> p.value().close());
    }
    out.put("cpu_ms_per_step", rounded(watch.median()));
    ArrayNode losses = out.putArray("loss");
    watch.losses.forEach(l -> losses.add(rounded(l)));
    System.gc(); // What the optimizer kept is freed with its owners.
    return out;
  }

  private static Trainer.Setup setup(Prepared run, double factor, Listener watch, Path folder) {
    Recipe recipe = run.recipe();
    return new Trainer.Setup(
        run.model().model(),
        recipe.objective(),
        OptimizerKeys.times(recipe.optimizer(), factor),
        recipe.schedule(),
        run.train().data(),
        run.collator(),
        recipe.train(),
        List.of(watch),
        new Checkpoints(folder, 1, new Identity("", "", ""), say -> {}),
        null,
        run.origin(BASE));
  }

  private static void judge(Setup setup, Prepared run, ObjectNode out) {
    double[] validation = judge(setup, run, run.validation());
    double[] test = judge(setup, run, run.test());
    out.put("validation", rounded(validation[0])).put("validation_loss", rounded(validation[1]));
    out.put("score", rounded(test[0])).put("test_loss", rounded(test[1]));
  }

  /** The score and the mean loss in nats. */
  private static double[] judge(Setup setup, Prepared run, Encoder.Encoded part) {
    if (!setup.classes()) {
      TokenScores[] scores = TokenScores.of(run.model().model(), part.data(), run.collator());
      double loss =
          Arrays.stream(scores).mapToDouble(TokenScores::loss).sum()
              / Arrays.stream(scores).mapToInt(TokenScores::tokens).sum();
      return new double[] {loss, loss};
    }
    float[][] logits = Inference.logits(run.model().model(), part.data(), run.collator());
    double right = 0;
    double loss = 0;
    for (int i = 0; i < logits.length; i++) {
      String label = ((Target.OneLabel) part.kept().examples().get(i).target()).label();
      double likelihood = logLikelihood(logits[i], run.labels().indexOf(label));
      loss -= likelihood;
      right += isLargest(logits[i], run.labels().indexOf(label)) ? 1 : 0;
    }
    return new double[] {100 * right / logits.length, loss / logits.length};
  }

  private static double logLikelihood(float[] logits, int of) {
    double most = Double.NEGATIVE_INFINITY;
    for (float z : logits) {
      most = Math.max(most, z);
    }
    double sum = 0;
    for (float z : logits) {
      sum += Math.exp(z - most);
    }
    return logits[of] - most - Math.log(sum);
  }

  private static boolean isLargest(float[] logits, int of) {
    for (int i = 0; i < logits.length; i++) {
      if (i != of && logits[i] >= logits[of]) {
        return false;
      }
    }
    return true;
  }

  /** The bytes of the tensors in the checkpoint's file: all but its header. */
  private static long stateBytes(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      Path file = files.filter(f -> f.endsWith("optimizer.safetensors")).findFirst().orElseThrow();
      try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
        return Files.size(file) - 8 - Long.reverseBytes(in.readLong());
      }
    }
  }

  private static double rounded(double value) {
    return Double.isFinite(value) ? Math.round(value * 1e4) / 1e4 : value;
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
