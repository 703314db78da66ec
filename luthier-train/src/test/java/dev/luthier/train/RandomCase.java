package dev.luthier.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.io.TensorFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * A technique with settings that were drawn at random, and what an implementation in another
 * language made of them.
 *
 * @param name of the technique
 * @param number of the case
 * @param settings by their keys
 * @param numbers that were made of them
 */
public record RandomCase(String name, int number, JsonNode settings, List<Double> numbers) {
  private static final Path FOLDER = folder();

  /** All cases of a file, by their names. */
  public static Stream<RandomCase> all(String file) {
    JsonNode settings = read();
    try (Scope scope = Scope.open();
        TensorFile golden = TensorFile.open(FOLDER.resolve(file + ".safetensors"))) {
      return List.copyOf(golden.names()).stream()
          .map(n -> of(n, settings.get(n), golden.tensor(n).toDoubles()))
          .toList()
          .stream();
    }
  }

  private static RandomCase of(String name, JsonNode settings, double... expected) {
    int dot = name.lastIndexOf('.');
    int number = Integer.parseInt(name.substring(dot + 1));
    return new RandomCase(
        name.substring(0, dot), number, settings, DoubleStream.of(expected).boxed().toList());
  }

  /** What is to come out. */
  public double[] expected() {
    return numbers.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** A number of the settings. */
  public double value(String key) {
    return setting(key).asDouble();
  }

  /** A whole number of the settings. */
  public int count(String key) {
    return setting(key).asInt();
  }

  /** Yes or no. */
  public boolean is(String key) {
    return setting(key).asBoolean();
  }

  /** A word of the settings. */
  public String word(String key) {
    return setting(key).asText();
  }

  private JsonNode setting(String key) {
    JsonNode found = settings.get(key);
    if (found == null) {
      throw new IllegalArgumentException(this + " does not say " + key);
    }
    return found;
  }

  private static JsonNode read() {
    try {
      return new ObjectMapper().readTree(FOLDER.resolve("settings.json").toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path folder() {
    try {
      return Path.of(RandomCase.class.getResource("/golden/random").toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public String toString() {
    return name + " " + settings;
  }
}
