package dev.luthier.train.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.tensor.io.TensorFile;
import dev.luthier.tensor.io.TensorFileException;
import dev.luthier.tensor.io.TensorFiles;
import dev.luthier.train.Identity;
import dev.luthier.train.Listener;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.TrainingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The checkpoints of a run: trainable weights, optimizer state, progress, and what they belong to.
 *
 * <p>A checkpoint is a folder {@code step-000000120}. It is written under another name and renamed
 * when complete; its manifest, written last, holds the SHA-256 of every file. The newest checkpoint
 * that is complete and belongs to the run is resumed from; damaged ones are reported and passed
 * over.
 */
public final class Checkpoints {
  private static final String MODEL = "model.safetensors";
  private static final String OPTIMIZER = "optimizer.safetensors";
  private static final String STATE = "state.json";
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final Path folder;
  private final int keep;
  private final Identity identity;
  private final Consumer<String> warnings;

  /**
   * @param folder where the checkpoints lie; made when the first is saved
   * @param keep how many stay; the best one stays beside them
   * @param identity of the run
   * @param warnings told of checkpoints that cannot be used
   */
  public Checkpoints(Path folder, int keep, Identity identity, Consumer<String> warnings) {
    this.folder = folder;
    this.keep = keep;
    this.identity = identity;
    this.warnings = warnings;
  }

  /** Where the checkpoints lie. It may not be there yet. */
  public Path folder() {
    return folder;
  }

  /** Whose they are. */
  public Identity identity() {
    return identity;
  }

  /** What {@code state.json} holds. */
  record State(
      long step,
      @Nullable Long best,
      @Nullable Long due,
      Identity identity,
      List<Map<String, Double>> listeners,
      @Nullable List<Listener.Evaluation> evaluations,
      @Nullable String ended) {}

  /**
   * Saves the run as it is after {@code progress.step()} steps.
   *
   * @throws TrainingException if it cannot be saved, for instance because the disk is full; earlier
   *     checkpoints stay as they are
   */
  public void save(
      Progress progress,
      Map<String, Parameter> parameters,
      OptimizerState optimizer,
      List<Listener> listeners) {
    try (Scope s = Scope.open()) {
      Map<String, Tensor> weights = new TreeMap<>();
      parameters.forEach((name, p) -> weights.put(name, p.value().detach()));
      State state =
          new State(
              progress.step(),
              progress.best(),
              progress.due(),
              identity,
              listeners.stream()
                  .map(l -> Map.copyOf(l.state()))
                  .map(TreeMap::new)
                  .<Map<String, Double>>map(m -> m)
                  .toList(),
              progress.evaluations(),
              progress.ended());
      AtomicFolder.write(
          folder.resolve(name(progress.step())),
          to -> {
            TensorFiles.write(to.resolve(MODEL), weights, Map.of("format", "pt"));
            TensorFiles.write(to.resolve(OPTIMIZER), optimizer.tensors(), Map.of("format", "pt"));
            Files.write(to.resolve(STATE), JSON.writeValueAsBytes(state));
          });
      prune(progress);
    } catch (IOException | TensorFileException e) {
      throw new TrainingException(
          "the checkpoint of step "
              + progress.step()
              + " could not be saved in "
              + folder
              + ": "
              + e.getMessage()
              + ". Earlier checkpoints are intact; make room and run again with --resume.",
          e);
    }
  }

  /**
   * Brings weights, optimizer and listeners to the newest checkpoint that is complete.
   *
   * @return where the run goes on; the start if there is no checkpoint
   * @throws TrainingException if the newest complete checkpoint belongs to another run
   */
  public Progress restore(
      Map<String, Parameter> parameters, OptimizerState optimizer, List<Listener> listeners) {
    for (Path at : newestFirst()) {
      String damage = AtomicFolder.damage(at);
      if (damage != null) {
        warnings.accept("checkpoint " + at + " is passed over: " + damage);
        continue;
      }
      State state = read(at);
      requireSame(at, state.identity());
      if (state.listeners().size() != listeners.size()) {
        throw new TrainingException(
            at
                + " was saved with "
                + state.listeners().size()
                + " listeners, not "
                + listeners.size());
      }
      loadWeights(at, parameters);
      loadOptimizer(at, optimizer);
      for (int i = 0; i < listeners.size(); i++) {
        listeners.get(i).restore(state.listeners().get(i));
      }
      List<Listener.Evaluation> seen = state.evaluations();
      return new Progress(
          state.step(), state.best(), state.due(), seen == null ? List.of() : seen, state.ended());
    }
    return Progress.START;
  }

  /** Brings weights and optimizer to the best step, if one was marked and it is not the last. */
  public void restoreBest(
      Progress progress, Map<String, Parameter> parameters, OptimizerState optimizer) {
    Long best = progress.best();
    if (best != null && best != progress.step()) {
      load("best", best, parameters, optimizer);
    }
  }

  /**
   * Saves the beginning, so that a run can be rolled back before anything else was due.
   *
   * @return the progress to go on from
   */
  public Progress saveBeginning(
      Progress progress,
      Map<String, Parameter> parameters,
      OptimizerState optimizer,
      List<Listener> listeners) {
    if (progress.due() != null) {
      return progress;
    }
    Progress due = progress.after(progress.step(), false, true);
    save(due, parameters, optimizer, listeners);
    return due;
  }

  /**
   * Brings weights and optimizer to the newest checkpoint that was due.
   *
   * @throws TrainingException if none was
   */
  public void rollBack(
      Progress progress, Map<String, Parameter> parameters, OptimizerState optimizer) {
    Long due = progress.due();
    if (due == null) {
      throw new TrainingException(
          "there is no checkpoint to roll back to: what rolls a run back must say so at its"
              + " beginning (Listener.rollsBack)");
    }
    load("newest", due, parameters, optimizer);
  }

  private void load(
      String which, long step, Map<String, Parameter> parameters, OptimizerState optimizer) {
    Path at = folder.resolve(name(step));
    String damage = AtomicFolder.damage(at);
    if (damage != null) {
      throw new TrainingException("the " + which + " checkpoint " + at + " is damaged: " + damage);
    }
    loadWeights(at, parameters);
    loadOptimizer(at, optimizer);
  }

  private static void loadOptimizer(Path at, OptimizerState optimizer) {
    try (Scope s = Scope.open();
        TensorFile file = TensorFile.open(at.resolve(OPTIMIZER))) {
      Map<String, Tensor> saved = new TreeMap<>();
      file.names().forEach(n -> saved.put(n, file.tensor(n)));
      optimizer.restore(saved);
    }
  }

  private static void loadWeights(Path at, Map<String, Parameter> parameters) {
    try (Scope s = Scope.open();
        TensorFile file = TensorFile.open(at.resolve(MODEL))) {
      if (!file.names().equals(parameters.keySet())) {
        throw new TrainingException(
            at + " holds other trainable weights than this run: " + difference(file, parameters));
      }
      parameters.forEach((name, p) -> p.set(file.tensor(name), p.value().dtype()));
    }
  }

  private static String difference(TensorFile file, Map<String, Parameter> parameters) {
    List<String> names = new ArrayList<>();
    parameters.keySet().stream()
        .filter(n -> !file.names().contains(n))
        .limit(3)
        .forEach(n -> names.add("lacks " + n));
    file.names().stream()
        .filter(n -> !parameters.containsKey(n))
        .limit(3)
        .forEach(n -> names.add("has " + n));
    return String.join(", ", names);
  }

  private void requireSame(Path at, Identity saved) {
    String what =
        !saved.recipe().equals(identity.recipe())
            ? "another recipe"
            : !saved.data().equals(identity.data())
                ? "other training data"
                : !saved.base().equals(identity.base())
                    ? "another base model, or another one that its objective reads"
                    : null;
    if (what != null) {
      throw new TrainingException(
          at
              + " was made with "
              + what
              + ", so going on from it would not be the same run. Restore what was changed, or"
              + " start anew in another output folder.");
    }
  }

  private static State read(Path at) {
    try {
      return JSON.readValue(Files.readAllBytes(at.resolve(STATE)), State.class);
    } catch (IOException e) {
      throw new TrainingException(at.resolve(STATE) + " cannot be read: " + e.getMessage(), e);
    }
  }

  private void prune(Progress progress) throws IOException {
    List<Path> all = newestFirst();
    for (Path old : all.subList(Math.min(keep, all.size()), all.size())) {
      if (!isAt(progress.best(), old) && !isAt(progress.due(), old)) {
        AtomicFolder.delete(old);
      }
    }
  }

  private static boolean isAt(@Nullable Long step, Path checkpoint) {
    return step != null && checkpoint.endsWith(name(step));
  }

  private List<Path> newestFirst() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> in = Files.list(folder)) {
      return in.filter(p -> p.getFileName().toString().matches("step-[0-9]{9,}"))
          .sorted(Comparator.comparing((Path p) -> p.getFileName().toString()).reversed())
          .toList();
    } catch (IOException e) {
      throw new TrainingException(folder + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static String name(long step) {
    return String.format(java.util.Locale.ROOT, "step-%09d", step);
  }
}
