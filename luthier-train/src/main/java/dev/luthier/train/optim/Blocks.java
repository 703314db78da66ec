package dev.luthier.train.optim;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The blocks in which parameters take turns.
 *
 * @param ofParameter the block of a parameter by its path; those that take no turns are left out
 */
record Blocks(Map<String, String> ofParameter) {
  private static final Pattern LAYER = Pattern.compile("(?:.*?\\.)?\\d+(?=\\.)");

  /**
   * Each layer is a block. What is in none is two more, embeddings and others, or takes no turns.
   * Without layers, parameters beside one another are a block.
   *
   * @param paths of the parameters
   * @param rest whether what is in no layer takes turns
   */
  static Blocks of(Collection<String> paths, boolean rest) {
    boolean layered = paths.stream().anyMatch(p -> layer(p).isPresent());
    Function<String, Optional<String>> outside =
        layered ? p -> rest ? Optional.of(beside(p)) : Optional.empty() : p -> Optional.of(part(p));
    Map<String, String> out = new TreeMap<>();
    paths.forEach(p -> layer(p).or(() -> outside.apply(p)).ifPresent(b -> out.put(p, b)));
    return new Blocks(out);
  }

  /** The blocks, layers by number. */
  List<String> names() {
    return ofParameter.values().stream()
        .distinct()
        .sorted(Comparator.comparingInt(String::length).thenComparing(s -> s))
        .toList();
  }

  private static Optional<String> layer(String path) {
    Matcher layer = LAYER.matcher(path);
    return layer.lookingAt() ? Optional.of(layer.group()) : Optional.empty();
  }

  private static String beside(String path) {
    return path.toLowerCase(Locale.ROOT).contains("embed") ? "embeddings" : "others";
  }

  private static String part(String path) {
    int end = path.lastIndexOf('.');
    return end < 0 ? path : path.substring(0, end);
  }
}
