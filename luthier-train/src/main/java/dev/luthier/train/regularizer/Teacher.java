package dev.luthier.train.regularizer;

import dev.luthier.model.Head;
import dev.luthier.model.Model;
import dev.luthier.model.Pretrained;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.tokenizer.Tokenizer;
import dev.luthier.tensor.Rng;
import dev.luthier.train.Beginning;
import dev.luthier.train.ModelFolder;
import dev.luthier.train.TrainingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Loads the model that another is to learn from. */
final class Teacher {
  private static final String WHO = "distillation: ";

  private Teacher() {}

  /**
   * Loads it, frozen.
   *
   * @param named the folder of a model, or of a run that tuned all of one
   * @throws TrainingException if it has other labels or another tokenizer
   */
  static Model load(@Nullable Path named, Beginning beginning) {
    if (named == null) {
      throw new TrainingException(
          WHO + "teacher is missing; name the folder of a tuned model with the same labels");
    }
    Path folder = folder(beginning.resolve(named));
    Pretrained teacher = Pretrained.load(folder, null, Rng.Key.of(0));
    List<String> labels = beginning.origin().labels();
    if (!teacher.head().labels().equals(labels)) {
      throw new TrainingException(
          WHO
              + folder
              + " has the labels "
              + shortened(teacher.head().labels())
              + ", and this run has "
              + shortened(labels)
              + "; a teacher must have been tuned to the same labels in the same order");
    }
    if (teacher.head() instanceof Head.None) {
      throw new TrainingException(WHO + folder + " has no head, so it has no answers to teach");
    }
    Tokenizer own = beginning.origin().tokenizer();
    Tokenizer others = teacher.tokenizerOrNull();
    if (own != null && others != null && !readAlike(own, others)) {
      throw new TrainingException(
          WHO
              + folder
              + " has another tokenizer than the model that is trained, so the two cannot read the"
              + " same batches; choose a teacher of the same vocabulary");
    }
    Modules.parameters(teacher.model()).values().forEach(p -> p.setTrainable(false));
    return teacher.model();
  }

  private static boolean readAlike(Tokenizer a, Tokenizer b) {
    return a.equals(b)
        || (a.maxId() == b.maxId()
            && IntStream.rangeClosed(0, a.maxId())
                .allMatch(id -> Objects.equals(a.token(id), b.token(id))));
  }

  private static Path folder(Path named) {
    if (!Files.exists(ModelFolder.of(named).resolve("config.json"))
        && (Files.isDirectory(named.resolve("adapter"))
            || Files.exists(named.resolve("adapter_config.json")))) {
      throw new TrainingException(
          WHO
              + named
              + " holds an adapter; a teacher must be a whole model: tune one with adapt: [full]");
    }
    return ModelFolder.of(named);
  }

  private static String shortened(List<String> labels) {
    return labels.size() <= 6
        ? labels.toString()
        : labels.subList(0, 5) + " and " + (labels.size() - 5) + " more";
  }
}
