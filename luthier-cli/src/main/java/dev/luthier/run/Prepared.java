package dev.luthier.run;

import dev.luthier.data.Dataset;
import dev.luthier.data.batch.Collator;
import dev.luthier.data.batch.Encoder;
import dev.luthier.data.label.Labels;
import dev.luthier.data.length.LengthPolicy;
import dev.luthier.data.plan.DataPlan;
import dev.luthier.data.plan.Splits;
import dev.luthier.model.Head;
import dev.luthier.model.ModelConfig;
import dev.luthier.model.Pretrained;
import dev.luthier.model.Sight;
import dev.luthier.model.image.Vision;
import dev.luthier.model.tokenizer.Tokenizer;
import dev.luthier.recipe.Presets;
import dev.luthier.tensor.Rng;
import dev.luthier.train.Origin;
import dev.luthier.train.Task;
import dev.luthier.train.TrainingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A run's model and data, loaded and encoded, before anything is adapted.
 *
 * @param recipe of the run
 * @param model as it was before training
 * @param labels the classes in the order of the logits; empty for tasks without classes
 * @param collator makes the task's batches
 * @param train what to learn from
 * @param validation what to choose by, or null
 * @param test what to measure on, or null
 * @param notes what a person should know, one fact a line
 */
public record Prepared(
    Recipe recipe,
    Pretrained model,
    List<String> labels,
    Collator collator,
    Encoder.Encoded train,
    Encoder.@Nullable Encoded validation,
    Encoder.@Nullable Encoded test,
    List<String> notes) {

  /**
   * Loads everything a recipe names. The tokenizer is read beside the data, and the weights beside
   * the work of the tokenizer.
   *
   * @param base what relative paths in the recipe are relative to
   */
  public static Prepared load(Recipe recipe, Path base) {
    if (recipe.task() instanceof Task.OfImages) {
      return loadImages(recipe, base);
    }
    Path folder = base.resolve(recipe.model());
    Ahead<Tokenizer> read = Ahead.of("tokenizer", () -> Tokenizer.load(folder));
    Splits splits = splits(recipe, base);
    Inputs.requireOneKind(recipe, base);
    Labels inferred = splits.labels();
    List<String> labels = inferred == null ? List.of() : inferred.names();
    Head head = recipe.task().head(labels);
    Ahead<Pretrained> weights = Ahead.of("weights", () -> model(recipe, base, head, read::get));
    Tokenizer tokenizer = read.get();
    Encoder encoder =
        recipe
            .task()
            .encoder(
                tokenizer,
                limit(recipe, Pretrained.maxTokens(ModelConfig.read(folder)), tokenizer),
                recipe.data().lengthPolicy());
    Collator collator = recipe.task().collator(labels, tokenizer);
    return of(recipe, splits, labels, new Inputs(encoder, collator), weights::get);
  }

  private static Prepared loadImages(Recipe recipe, Path base) {
    Inputs.requireOneKind(recipe, base);
    Splits splits = splits(recipe, base);
    Labels inferred = splits.labels();
    List<String> labels = inferred == null ? List.of() : inferred.names();
    Pretrained model = model(recipe, base, recipe.task().head(labels));
    LengthPolicy whole = recipe.data().lengthPolicy();
    Inputs inputs = Inputs.of(recipe.task(), model, labels, Integer.MAX_VALUE, whole, base);
    var unused = inputs.collator().training(0); // Refuses sizes that cannot be.
    return of(recipe, splits, labels, inputs, () -> model);
  }

  private static Prepared of(
      Recipe recipe,
      Splits splits,
      List<String> labels,
      Inputs inputs,
      Supplier<Pretrained> weights) {
    Encoder encoder = inputs.encoder();
    List<String> encoding = new ArrayList<>();
    Encoder.Encoded train = encode(encoder, "train", splits.train(), encoding);
    var validation = encodeIfGiven(encoder, "validation", splits.validation(), encoding);
    var test = encodeIfGiven(encoder, "test", splits.test(), encoding);
    Pretrained model = weights.get();
    List<String> notes = new ArrayList<>(splits.report().lines());
    notes.addAll(model.report().lines());
    notes.addAll(encoding);
    Vision vision = model.vision();
    if (recipe.task() instanceof Task.OfImages images && vision != null) {
      notes.addAll(images.notes(vision, recipe.train().epochs()));
    }
    if (recipe.preset() != null) {
      notes.addAll(Presets.notes(recipe.preset(), recipe));
    }
    return new Prepared(
        recipe, model, labels, inputs.collator(), train, validation, test, List.copyOf(notes));
  }

  /**
   * Where model and data come from, for what trains.
   *
   * @param base what relative paths in the recipe are relative to
   */
  public Origin origin(Path base) {
    return new Origin(
        base,
        labels,
        model.tokenizerOrNull(),
        Set.copyOf(model.report().drawn()),
        validation == null ? null : validation.data().fingerprint());
  }

  /** The data alone. */
  public static Splits splits(Recipe recipe, Path base) {
    return DataPlan.load(
        recipe.data(), recipe.task().targetKind(), base, recipe.train().seedOfData());
  }

  /** The model alone. */
  static Pretrained model(Recipe recipe, Path base, Head head) {
    Path folder = base.resolve(recipe.model());
    return model(recipe, base, head, () -> Tokenizer.in(folder) ? Tokenizer.load(folder) : null);
  }

  private static Pretrained model(
      Recipe recipe, Path base, Head head, Supplier<@Nullable Tokenizer> tokenizer) {
    Path folder = base.resolve(recipe.model());
    Rng.Key key = initKey(recipe);
    return switch (recipe.weights()) {
      case PRETRAINED -> Pretrained.load(folder, tokenizer, head, key);
      case RANDOM ->
          Pretrained.random(ModelConfig.read(folder), Sight.of(folder), tokenizer.get(), head, key);
    };
  }

  /** Names the draws of weights that are new. */
  static Rng.Key initKey(Recipe recipe) {
    return Rng.Key.of(recipe.train().seedOfInit()).with("init");
  }

  /**
   * The most tokens of an example: the recipe's, bounded by the model's and the tokenizer's.
   *
   * @param most the most tokens that the model reads
   */
  static int limit(Recipe recipe, int most, Tokenizer tokenizer) {
    Integer asked = recipe.data().maxLength();
    if (asked == null) {
      return Math.min(most, tokenizer.maxTokens());
    }
    if (asked > most) {
      throw new TrainingException(
          "data.max-length is %d, but the model reads at most %d tokens; lower it"
              .formatted(asked, most));
    }
    return asked;
  }

  private static Encoder.Encoded encode(
      Encoder encoder, String part, Dataset data, List<String> notes) {
    Encoder.Encoded encoded = encoder.encode(data);
    notes.add(part + ": " + encoded.summary());
    encoded.notes().forEach(note -> notes.add(part + ": " + note));
    return encoded;
  }

  private static Encoder.@Nullable Encoded encodeIfGiven(
      Encoder encoder, String part, @Nullable Dataset data, List<String> notes) {
    return data == null ? null : encode(encoder, part, data, notes);
  }
}
