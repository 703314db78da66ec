package dev.luthier.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What the source says of a record, as Markdown, so that the documentation repeats nothing by hand.
 *
 * @param description of the record
 * @param components what each component means, by its name in Java
 */
record Javadoc(String description, Map<String, String> components) {
  private static final Pattern LINK = Pattern.compile("\\{@link\\s+([^}]*)}");
  private static final Pattern PRE = Pattern.compile("(?s)<pre>\\n?(.*?)\\s*</pre>");

  /** Reads it from the sources below the root folder of the build. */
  static Javadoc of(Class<?> type, Path root) {
    String source = source(type, root);
    Matcher declaration =
        Pattern.compile("record " + type.getSimpleName() + "\\s*\\(").matcher(source);
    if (!declaration.find()) {
      throw new IllegalStateException("the source of " + type + " does not declare it");
    }
    int end = source.lastIndexOf("*/", declaration.start());
    int begin = source.lastIndexOf("/**", declaration.start());
    if (begin < 0 || end < begin) {
      throw new IllegalStateException(type + " has no Javadoc");
    }
    return ofComment(source.substring(begin + 3, end).replaceAll("(?m)^\\s*\\* ?", ""));
  }

  private static Javadoc ofComment(String comment) {
    String[] parts = comment.split("(?m)^@", -1);
    Map<String, String> components = new TreeMap<>();
    for (int i = 1; i < parts.length; i++) {
      if (parts[i].startsWith("param ")) {
        String[] words = parts[i].split("\\s+", 3);
        components.put(words[1], markdown(words[2]).replaceAll("\\s*\\n\\s*", " ").strip());
      }
    }
    return new Javadoc(markdown(parts[0]).strip(), components);
  }

  private static String markdown(String text) {
    String out = PRE.matcher(text).replaceAll(Javadoc::block);
    out = out.replaceAll("\\{@(?:code|literal)\\s+([^}]*)}", "`$1`");
    out = LINK.matcher(out).replaceAll(m -> Matcher.quoteReplacement(linked(m.group(1))));
    out = out.replaceAll("<p>", "").replaceAll("<a href=\"([^\"]*)\">([^<]*)</a>", "[$2]($1)");
    return out.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
  }

  private static String block(MatchResult pre) {
    return Matcher.quoteReplacement("```text\n" + pre.group(1).stripIndent() + "\n```");
  }

  /** A constant is what a recipe writes; anything else its last word. */
  private static String linked(String target) {
    String last = target.strip().replaceAll(".*[#.]", "");
    boolean constant = last.equals(last.toUpperCase(Locale.ROOT));
    return "`" + (constant ? last.toLowerCase(Locale.ROOT).replace('_', '-') : last) + "`";
  }

  private static String source(Class<?> type, Path root) {
    Class<?> outer = type;
    while (outer.getEnclosingClass() != null) {
      outer = outer.getEnclosingClass();
    }
    Path file = Path.of("src/main/java", outer.getName().replace('.', '/') + ".java");
    try (Stream<Path> modules = Files.list(root)) {
      Path found =
          modules
              .map(module -> module.resolve(file))
              .filter(Files::isRegularFile)
              .findFirst()
              .orElseThrow(() -> new IllegalStateException("no source of " + type));
      return Files.readString(found);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
