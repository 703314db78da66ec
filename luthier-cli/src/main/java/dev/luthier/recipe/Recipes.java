package dev.luthier.recipe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.recipe.document.KeyPath;
import dev.luthier.recipe.document.Node;
import dev.luthier.recipe.document.Place;
import dev.luthier.recipe.document.Problem;
import dev.luthier.recipe.document.Problems;
import dev.luthier.recipe.document.RecipeException;
import dev.luthier.recipe.document.YamlReader;
import dev.luthier.recipe.document.YamlWriter;
import dev.luthier.recipe.shape.Around;
import dev.luthier.recipe.shape.Reading;
import dev.luthier.recipe.shape.SchemaDefinitions;
import dev.luthier.recipe.shape.Shapes;
import dev.luthier.train.Objective;
import dev.luthier.train.Task;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;

/** Reads recipes into records and writes records as recipes. */
public final class Recipes {
  /** Regularizers that do not say what they are put around are put around the task's objective. */
  private static final Around<Task> AROUND =
      new Around<>(
          Objective.class,
          Task.class,
          task -> Shapes.ofSocket(Objective.class).write(task.objective()));

  private Recipes() {}

  /**
   * Reads a recipe from a file.
   *
   * @param root the record that says what a recipe holds
   * @param settings {@code a.b=c}, each of which replaces what the file says
   * @throws RecipeException with everything that is wrong, by line
   */
  public static <R extends Record> R read(Path file, Class<R> root, List<String> settings) {
    try {
      if (Files.isRegularFile(file) && Files.size(file) > YamlReader.MAX_BYTES) {
        throw unreadable(file, "is too large for a recipe");
      }
      return parse(Files.readString(file), file.toString(), root, settings);
    } catch (NoSuchFileException e) {
      throw unreadable(file, "there is no such file");
    } catch (CharacterCodingException e) {
      throw unreadable(file, "is not text in UTF-8");
    } catch (IOException e) {
      throw unreadable(file, "cannot be read: " + e.getMessage());
    }
  }

  /**
   * Reads a recipe from a text.
   *
   * @param source names the text in messages
   * @throws RecipeException with everything that is wrong, by line
   */
  public static <R extends Record> R parse(
      String text, String source, Class<R> root, List<String> settings) {
    Problems problems = new Problems();
    Node node = YamlReader.read(text, line -> new Place(source, line), problems);
    for (String setting : settings) {
      node = Setting.of(setting, problems).applyTo(node, problems);
    }
    node = Presets.expand(node, Shapes.ofRecord(root), problems);
    node = AROUND.in(node, Shapes.ofRecord(root));
    Reading reading = Shapes.ofRecord(root).read(node, KeyPath.TOP, problems);
    problems.throwIfAny();
    return root.cast(Objects.requireNonNull(reading.value()));
  }

  /**
   * The canonical text of a recipe, with the value of every key. It reads back to an equal record,
   * and equal records give the same bytes.
   */
  public static String render(Record recipe) {
    return YamlWriter.write(Shapes.ofRecord(recipe.getClass()).write(recipe));
  }

  /** The SHA-256 of the canonical text, in hexadecimal digits. */
  public static String hash(Record recipe) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      byte[] text = render(recipe).getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(sha256.digest(text));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** The JSON Schema (2020-12) of the recipes of a root record, for editors. */
  public static String schema(Class<? extends Record> root, String title) {
    try {
      return new ObjectMapper()
              .writerWithDefaultPrettyPrinter()
              .writeValueAsString(SchemaDefinitions.document(Shapes.ofRecord(root), title))
          + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of JSON can always be written", e);
    }
  }

  private static RecipeException unreadable(Path file, String why) {
    return new RecipeException(List.of(new Problem(Place.ofArgument(file.toString()), why)));
  }
}
