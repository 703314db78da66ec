package dev.luthier.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.luthier.data.Dataset;
import dev.luthier.data.Example;
import dev.luthier.data.Target;
import dev.luthier.data.batch.Batch;
import dev.luthier.data.batch.EncodedExample;
import dev.luthier.data.batch.Encoder;
import dev.luthier.data.batch.Targets;
import dev.luthier.data.label.Labels;
import dev.luthier.data.length.LengthPolicy;
import dev.luthier.model.tokenizer.Tokenizer;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.loop.Trainer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A recipe's data as its model will see them.
 *
 * @param parts training, validation and test, as far as there are
 * @param examples the first training examples, in the first epoch
 * @param notes what a person should know, one fact a line
 */
public record Inspection(
    @JsonProperty("parts") List<Part> parts,
    @JsonProperty("examples") List<Seen> examples,
    @JsonProperty("notes") List<String> notes) {
  /**
   * A part of the data.
   *
   * @param name train, validation or test
   * @param examples how many remain
   * @param tokens of all of them
   * @param truncated how many were cut
   * @param dropped how many were left out for their length
   * @param balance the examples of each label, in the model's order
   */
  public record Part(
      @JsonProperty("name") String name,
      @JsonProperty("examples") int examples,
      @JsonProperty("tokens") long tokens,
      @JsonProperty("truncated") int truncated,
      @JsonProperty("dropped") int dropped,
      @JsonProperty("balance") Map<String, Long> balance) {}

  /**
   * An example.
   *
   * @param row in its file
   * @param text as the file has it
   * @param pair the second text, or null
   * @param target what is to be learnt of it, in words; empty if nothing but its tokens
   * @param cut how many tokens were cut away
   * @param tokens what goes into the model
   * @param image whether the text is the path of an image, and the tokens its patches
   */
  public record Seen(
      @JsonProperty("row") long row,
      @JsonProperty("text") String text,
      @JsonProperty("pair") @Nullable String pair,
      @JsonProperty("target") String target,
      @JsonProperty("cut") int cut,
      @JsonProperty("tokens") List<Token> tokens,
      @JsonProperty("image") boolean image) {}

  /**
   * A token.
   *
   * @param text as the vocabulary has it
   * @param id in the vocabulary
   * @param segment 0 in the first text, 1 in the second, where the model tells them apart
   * @param special whether the tokenizer added it
   * @param answer the token to be guessed here; null where nothing is
   * @param learnt whether the model is to learn this token from those before it
   */
  public record Token(
      @JsonProperty("text") String text,
      @JsonProperty("id") int id,
      @JsonProperty("segment") int segment,
      @JsonProperty("special") boolean special,
      @JsonProperty("answer") @Nullable String answer,
      @JsonProperty("learnt") boolean learnt) {}

  /**
   * Loads and encodes what a recipe names.
   *
   * @param base what relative paths in the recipe are relative to
   * @param examples how many to show
   */
  public static Inspection of(Recipe recipe, Path base, int examples) {
    Prepared run = Prepared.load(recipe, base);
    List<Part> parts = new ArrayList<>();
    add(parts, run, "train", run.train());
    add(parts, run, "validation", run.validation());
    add(parts, run, "test", run.test());
    List<Seen> seen =
        run.train().data().examples().stream()
            .limit(Math.max(0, examples))
            .map(e -> seen(run, e))
            .toList();
    return new Inspection(List.copyOf(parts), seen, run.notes());
  }

  private static void add(
      List<Part> parts, Prepared run, String name, Encoder.@Nullable Encoded part) {
    if (part == null) {
      return;
    }
    Map<String, Long> balance = new LinkedHashMap<>();
    run.labels().forEach(label -> balance.put(label, 0L));
    part.kept()
        .examples()
        .forEach(e -> Labels.of(e).forEach(label -> balance.merge(label, 1L, Long::sum)));
    parts.add(
        new Part(
            name,
            part.data().size(),
            part.data().tokens(),
            part.truncated(),
            part.dropped(),
            balance));
  }

  private static Seen seen(Prepared run, EncodedExample encoded) {
    Example example = run.train().kept().examples().get(encoded.index());
    if (encoded.image() != null) {
      return new Seen(
          example.row(),
          example.text(),
          null,
          target(example.target()),
          0,
          patches(run, encoded),
          true);
    }
    Tokenizer tokenizer = run.model().tokenizer();
    return new Seen(
        example.row(),
        example.text(),
        example.pair(),
        target(example.target()),
        run.recipe().data().lengthPolicy() == LengthPolicy.SPLIT
            ? 0
            : whole(run, example) - encoded.length(),
        tokens(run, encoded, tokenizer),
        false);
  }

  /** The tokens of an image as the first epoch shows it: one for the whole, then its patches. */
  private static List<Token> patches(Prepared run, EncodedExample encoded) {
    try (Scope scope = Scope.open()) {
      Batch batch = run.collator().training(0).collate(List.of(encoded), draws(run));
      long[] ids = batch.tokens().ids().toLongs();
      List<Token> out = new ArrayList<>();
      for (long id : ids) {
        out.add(new Token(id == 0 ? "whole" : "patch", (int) id, 0, id == 0, null, false));
      }
      return out;
    }
  }

  /** The tokens of an example before it is cut. */
  private static int whole(Prepared run, Example example) {
    return run.recipe()
        .task()
        .encoder(run.model().tokenizer(), Integer.MAX_VALUE, LengthPolicy.TRUNCATE_RIGHT)
        .encode(new Dataset("", List.of(example)))
        .lengths()
        .max();
  }

  private static List<Token> tokens(Prepared run, EncodedExample encoded, Tokenizer tokenizer) {
    try (Scope scope = Scope.open()) {
      Batch batch = run.collator().collate(List.of(encoded), draws(run));
      long[] ids = batch.tokens().ids().toLongs();
      int[] segments = encoded.types();
      boolean[] learnt = encoded.learnt();
      Map<Long, String> answers = answers(batch, tokenizer);
      List<Token> out = new ArrayList<>();
      for (int i = 0; i < ids.length; i++) {
        out.add(
            new Token(
                word(tokenizer, ids[i]),
                (int) ids[i],
                segments == null ? 0 : segments[i],
                encoded.special()[i],
                learnt == null ? answers.get((long) i) : null,
                learnt != null && learnt[i]));
      }
      return out;
    }
  }

  /** What is to be guessed, by its place. */
  private static Map<Long, String> answers(Batch batch, Tokenizer tokenizer) {
    Map<Long, String> out = new HashMap<>();
    Tensor wanted = batch.tokens().wanted();
    if (wanted != null && batch.targets() instanceof Targets.Classes classes) {
      long[] at = wanted.toLongs();
      long[] ids = classes.ids().toLongs();
      for (int i = 0; i < at.length; i++) {
        out.put(at[i], word(tokenizer, ids[i]));
      }
    }
    return out;
  }

  private static Rng.Key draws(Prepared run) {
    return Trainer.collateKey(run.recipe().train().seed(), 0);
  }

  private static String word(Tokenizer tokenizer, long id) {
    String token = tokenizer.token((int) id);
    return token == null ? "?" : token;
  }

  private static String target(@Nullable Target target) {
    if (target instanceof Target.OneLabel one) {
      return one.label();
    }
    if (target instanceof Target.ManyLabels many) {
      return many.labels().isEmpty() ? "no label" : String.join(", ", many.labels());
    }
    if (target instanceof Target.Score score) {
      return Double.toString(score.value());
    }
    if (target instanceof Target.Vector vector) {
      return "a vector of " + vector.size() + " numbers";
    }
    return "";
  }
}
