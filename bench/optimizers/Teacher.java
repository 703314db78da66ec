import dev.luthier.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Teachers for distillation: the same model, tuned before by AdamW on the same examples. */
final class Teacher {
  /** Stands for the folder in a subject's objective. */
  static final String PLACE = "TEACHER";

  private Teacher() {}

  static Path folder(int seed) {
    return Optimizers.RUNS.resolve("teacher-" + seed).toAbsolutePath();
  }

  /** Makes the teacher of a seed, if it is not there. */
  static void make(Setup setup, double factor, int seed) throws IOException {
    if (!Files.exists(folder(seed).resolve("config.json"))) {
      Subject adamw = Subject.optimizer(Subject.ADAMW, Subject.ADAMW);
      var unused = Run.of(setup, setup.recipe(adamw, seed, false), factor, m -> m.save(folder(seed), DType.F32));
    }
  }
}
