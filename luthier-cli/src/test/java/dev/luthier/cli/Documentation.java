package dev.luthier.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The pages of the documentation, the README first, and the code that stands in them. */
final class Documentation {
  static final Path ROOT =
      Path.of(System.getProperty("luthier.root", "..")).toAbsolutePath().normalize();

  private Documentation() {}

  /** A block of code of a page. */
  record Block(Path page, String text) {
    /** Its commands, a line each, joined where a line ends in a backslash, without remarks. */
    Stream<String> commands() {
      return text.replace("\\\n", " ")
          .lines()
          .map(line -> line.replaceAll("(^|\\s)#.*", "").strip())
          .filter(line -> !line.isEmpty());
    }

    @Override
    public String toString() {
      return ROOT.relativize(page) + ": " + text.lines().findFirst().orElse("");
    }
  }

  static List<Path> pages() throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> top = Files.list(ROOT)) {
      top.filter(p -> p.toString().endsWith(".md"))
          .sorted(Comparator.comparing(p -> !p.endsWith("README.md")))
          .forEach(found::add);
    }
    for (String folder : List.of("docs", "data", "models", "recipes", "parity", "bench")) {
      found.addAll(files(folder, ".md"));
    }
    return found;
  }

  /** The files below a folder of the repository whose names end so, in order. */
  static List<Path> files(String folder, String ending) throws IOException {
    try (Stream<Path> all = Files.walk(ROOT.resolve(folder))) {
      return all.filter(p -> p.toString().endsWith(ending)).sorted().toList();
    }
  }

  /** All blocks in a language, in the order of the pages. */
  static List<Block> blocks(String language) throws IOException {
    List<Block> found = new ArrayList<>();
    for (Path page : pages()) {
      found.addAll(blocks(page, language));
    }
    return found;
  }

  /** The blocks of a page in a language. */
  static List<Block> blocks(Path page, String language) throws IOException {
    return Pattern.compile("(?ms)^```" + language + "\\n(.*?)^```")
        .matcher(Files.readString(page))
        .results()
        .map(m -> new Block(page, m.group(1)))
        .toList();
  }
}
