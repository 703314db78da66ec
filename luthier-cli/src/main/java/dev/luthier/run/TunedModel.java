package dev.luthier.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.data.length.LengthPolicy;
import dev.luthier.model.Family;
import dev.luthier.model.Head;
import dev.luthier.model.ModelConfig;
import dev.luthier.model.ModelException;
import dev.luthier.model.Pretrained;
import dev.luthier.model.image.ImageProcessor;
import dev.luthier.model.nn.Modules;
import dev.luthier.tensor.Rng;
import dev.luthier.train.Task;
import dev.luthier.train.peft.PeftFolder;
import dev.luthier.train.task.CausalLanguageModelling;
import dev.luthier.train.task.ImageClassification;
import dev.luthier.train.task.SequenceClassification;
import dev.luthier.train.task.SequenceRegression;
import dev.luthier.train.task.SequenceToSequence;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A model with a head that answers, from a run or from elsewhere.
 *
 * @param model with its adapter, if it has one
 * @param task that its head is for
 * @param limit the most tokens of a text
 * @param overLength what becomes of longer texts
 * @param run it came from, or null
 */
record TunedModel(
    Pretrained model, Task task, int limit, LengthPolicy overLength, @Nullable FinishedRun run) {
  private static final String ADAPTER_CONFIG = "adapter_config.json";

  /**
   * Loads a run folder, a model folder, or an adapter folder whose base is known.
   *
   * @param adapter an adapter to put into the model, or null
   */
  static TunedModel load(Path folder, @Nullable Path adapter) {
    if (!Files.isDirectory(folder)) {
      throw new ModelException(folder + ": there is no such folder");
    }
    Path parent = folder.toAbsolutePath().normalize().getParent();
    if (RunFolder.isRun(folder)) {
      if (adapter != null) {
        throw new ModelException(
            folder
                + " is a run, which has its own adapter; give the folder of the model instead, or"
                + " leave --adapter out");
      }
      return ofRun(FinishedRun.read(folder));
    }
    if (adapter == null && parent != null && RunFolder.isRun(parent)) {
      return ofRun(FinishedRun.read(parent));
    }
    if (adapter == null && PeftFolder.isAdapter(folder)) {
      return of(adapted(baseOf(folder), folder, Rng.Key.of(0)), null);
    }
    Rng.Key key = Rng.Key.of(0);
    return of(adapter == null ? whole(folder) : adapted(folder, adapter, key), null);
  }

  private static TunedModel ofRun(FinishedRun run) {
    Recipe recipe = run.recipe();
    Rng.Key key = Prepared.initKey(recipe);
    if (Files.isDirectory(run.folder().model())) {
      return of(Pretrained.load(run.folder().model(), null, key), run);
    }
    Path adapter = run.folder().adapter();
    if (recipe.weights() == Recipe.Weights.RANDOM) {
      Head head = PeftFolder.head(adapter, ModelConfig.read(run.model())).orElseThrow();
      Pretrained base = Prepared.model(recipe, run.base(), head);
      PeftFolder.load(adapter, base);
      return of(base, run);
    }
    return of(adapted(run.model(), adapter, key), run);
  }

  private static Pretrained whole(Path folder) {
    ModelConfig config = ModelConfig.read(folder);
    if (Family.of(config).architectures().head(config) == null) {
      throw new ModelException(
          folder
              + ": this model has no head, so it has nothing to say about a text; tune it by luthier"
              + " train, or name an adapter by --adapter");
    }
    return Pretrained.load(folder, null, Rng.Key.of(0));
  }

  private static Pretrained adapted(Path folder, Path adapter, Rng.Key key) {
    if (!PeftFolder.isAdapter(adapter)) {
      throw new ModelException(
          adapter + ": there is no " + ADAPTER_CONFIG + "; is this the folder of an adapter?");
    }
    Optional<Head> head = PeftFolder.head(adapter, ModelConfig.read(folder));
    Pretrained base = head.isPresent() ? Pretrained.load(folder, head.get(), key) : whole(folder);
    PeftFolder.load(adapter, base);
    List<String> untaught =
        Modules.parameters(base.model()).entrySet().stream()
            .filter(e -> base.report().drawn().contains(e.getKey()) && !e.getValue().trainable())
            .map(java.util.Map.Entry::getKey)
            .toList();
    if (!untaught.isEmpty()) {
      throw new ModelException(
          folder
              + " with the adapter "
              + adapter
              + " has no trained head: neither holds "
              + String.join(", ", untaught)
              + ". Is it the model that the adapter was trained on?");
    }
    return base;
  }

  /** The model that an adapter says it was trained on. */
  private static Path baseOf(Path adapter) {
    try {
      JsonNode config = new ObjectMapper().readTree(adapter.resolve(ADAPTER_CONFIG).toFile());
      JsonNode name = config.path("base_model_name_or_path");
      if (name.isTextual() && Files.isDirectory(Path.of(name.asText()))) {
        return Path.of(name.asText());
      }
      throw new ModelException(
          adapter
              + " is an adapter, and the model it was trained on"
              + (name.isTextual() ? ", " + name.asText() + "," : "")
              + " is not a folder here; name that folder, and this one by --adapter");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What comes from a run computes in its precision, so that it says what it said there. */
  private static TunedModel of(Pretrained model, @Nullable FinishedRun run) {
    if (run != null) {
      var unused = run.recipe().train().precision().apply(model.model());
    }
    Task task = task(model, run);
    if (task instanceof Task.OfImages) {
      return new TunedModel(model, task, Integer.MAX_VALUE, LengthPolicy.ERROR, run);
    }
    int own = Math.min(model.model().maxTokens(), model.tokenizer().maxTokens());
    return run == null
        ? new TunedModel(model, task, own, LengthPolicy.TRUNCATE_RIGHT, null)
        : new TunedModel(
            model,
            task,
            Prepared.limit(run.recipe(), model.model().maxTokens(), model.tokenizer()),
            kept(run.recipe().data().lengthPolicy()),
            run);
  }

  /** Whoever asks about a text wants an answer: what training left out is cut here. */
  private static LengthPolicy kept(LengthPolicy policy) {
    return policy == LengthPolicy.DROP ? LengthPolicy.TRUNCATE_RIGHT : policy;
  }

  private static Task task(Pretrained model, @Nullable FinishedRun run) {
    if (Family.of(model.config()).patch(model.config()) != null) {
      return imageTask(model);
    }
    if (model.head() instanceof Head.CausalLanguageModel) {
      Task trained = run == null ? null : run.recipe().task();
      return trained instanceof Task.PerToken ? trained : new CausalLanguageModelling();
    }
    if (model.head() instanceof Head.SequenceToSequence) {
      Task trained = run == null ? null : run.recipe().task();
      return trained instanceof SequenceToSequence ? trained : new SequenceToSequence();
    }
    if (model.head() instanceof Head.SequenceClassification head) {
      return switch (head.kind()) {
        case SINGLE -> new SequenceClassification(false);
        case MULTI -> new SequenceClassification(true);
        case REGRESSION -> {
          if (head.labels().size() != 1) {
            throw new ModelException(
                model.config().where()
                    + ": this head gives "
                    + head.labels().size()
                    + " numbers for a text; only heads that give one are supported");
          }
          yield new SequenceRegression();
        }
      };
    }
    throw new ModelException(
        model.config().where()
            + ": the head of this model is for "
            + model.head().task()
            + "; answers come from a head for sequence-classification, a causal language model or an"
            + " encoder-decoder");
  }

  private static Task imageTask(Pretrained model) {
    if (model.vision() == null) {
      throw new ModelException(
          "%s: there is no %s beside it, which says how images become the model's input"
              .formatted(model.config().where(), ImageProcessor.FILE));
    }
    if (model.head() instanceof Head.SequenceClassification head
        && head.kind() == Head.Kind.SINGLE) {
      return new ImageClassification();
    }
    throw new ModelException(
        model.config().where()
            + ": the head of this model does not give one class of an image, which is what is"
            + " supported");
  }

  /**
   * How what it is asked becomes its input.
   *
   * @param base what the paths of images are relative to
   */
  Inputs inputs(Path base) {
    return Inputs.of(task, model, model.head().labels(), limit, overLength, base);
  }

  /** Asks this model. */
  Scoring scoring() {
    return new Scoring(
        model.model(),
        model.head().labels(),
        inputs(Path.of("")).collator(),
        model.tokenizerOrNull(),
        task);
  }
}
