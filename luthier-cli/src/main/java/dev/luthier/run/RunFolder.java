package dev.luthier.run;

import dev.luthier.train.ModelFolder;
import dev.luthier.train.TrainingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Where the files of a run lie.
 *
 * @param path the run's folder
 */
public record RunFolder(Path path) {
  /** The resolved recipe. */
  public Path recipe() {
    return path.resolve("recipe.yaml");
  }

  /** What the run was made of and how it ended. */
  public Path facts() {
    return path.resolve("run.json");
  }

  /** One line of numbers per step. */
  public Path metrics() {
    return path.resolve("metrics.jsonl");
  }

  /** TensorBoard's event files. */
  public Path tensorBoard() {
    return path.resolve("tensorboard");
  }

  /** What a run resumes from. */
  public Path checkpoints() {
    return path.resolve("checkpoints");
  }

  /** What was not finite, and on which rows, where that ended the run. */
  public Path failedBatch() {
    return path.resolve("failed-batch.json");
  }

  /** The tuned model, where all of it was tuned. */
  public Path model() {
    return ModelFolder.inRun(path);
  }

  /** The adapter, where one was trained. */
  public Path adapter() {
    return path.resolve("adapter");
  }

  /** What the tuned model says of each test example. */
  public Path predictions() {
    return path.resolve("predictions.jsonl");
  }

  /** The report for people. */
  public Path report() {
    return path.resolve("report.html");
  }

  /**
   * The run of a stage that comes before.
   *
   * @param number from 0
   */
  public RunFolder stage(int number, String name) {
    return new RunFolder(path.resolve("stages").resolve((number + 1) + "-" + name));
  }

  /** The run of the same recipe without its stages. */
  public RunFolder direct() {
    return new RunFolder(path.resolve("direct"));
  }

  /** Where a recipe's run lies. */
  public static RunFolder of(Recipe recipe) {
    return new RunFolder(Path.of(recipe.output()));
  }

  /** Whether the folder holds a run. */
  public static boolean isRun(Path path) {
    RunFolder f = new RunFolder(path);
    return Files.isRegularFile(f.recipe()) && Files.isRegularFile(f.facts());
  }

  /**
   * Refuses a folder that the run could not be written into. Makes nothing.
   *
   * @param resume whether a run that lies there is to go on
   * @throws TrainingException if something lies there that would be overwritten, or the folder
   *     could not be made
   */
  public void requireFree(boolean resume) throws IOException {
    if (!Files.isDirectory(path)) {
      requireWritable(path.toAbsolutePath());
    } else if (!resume) {
      try (Stream<Path> in = Files.list(path)) {
        if (in.anyMatch(f -> !RunLock.isLock(f))) {
          throw new TrainingException(
              path
                  + " already holds files. Go on with the run there by --resume, choose another"
                  + " folder by --set output=FOLDER, or delete it.");
        }
      }
    }
  }

  private void requireWritable(Path absolute) {
    Path there = absolute;
    while (!Files.exists(there) && there.getParent() != null) {
      there = there.getParent();
    }
    if (!Files.isDirectory(there) || !Files.isWritable(there)) {
      throw new TrainingException(
          path
              + " cannot be made, because "
              + there
              + (Files.isDirectory(there) ? " cannot be written to" : " is not a folder")
              + ". Choose another folder by --set output=FOLDER.");
    }
  }
}
