package dev.luthier.cli;

import static dev.luthier.cli.Documentation.ROOT;

import dev.luthier.recipe.Recipes;
import dev.luthier.run.Recipe;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Help.Ansi;

/**
 * A folder in which the commands of a page are run one after another, as its reader would do in the
 * repository: with its recipes, its model and a few rows of its data, and the files that the page
 * supposes its reader to have.
 */
final class Stage {
  /** What makes the runs of the documentation short, beside the few rows of data. */
  private static final List<String> SHORT = List.of("train.max-steps=2");

  /** The commands that take settings of a recipe. */
  private static final List<String> OF_RECIPES =
      List.of(
          "train",
          "plan",
          "lr-find",
          "inspect",
          "seeds",
          "batch-sizes",
          "critical-batch",
          "optimizers");

  private static final Map<String, Integer> ROWS_PER_LABEL = Map.of("train", 4, "test", 1);

  private static final Map<String, String> OF_THE_READER =
      Map.of(
          "tickets.csv", "body,intent\nwhere is my card?,card_arrival\n",
          "tickets.tsv", "1\twhere is my card?\n2\tit was 5\" too long\n",
          "tickets.txt", "where is my card?\n");

  private static final Pattern LINE =
      Pattern.compile("(?:echo '([^']*)' \\| )?\\./luthier (.*?)(?: > (\\S+))?");

  private final Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  Stage(Path folder) throws IOException, SQLException {
    this.folder = folder;
    for (String part : List.of("recipes", "models/luthier-mini")) {
      Files.createDirectories(folder.resolve(part));
      for (Path file : Documentation.files(part, "")) {
        if (Files.isRegularFile(file)) {
          Files.copy(file, folder.resolve(part).resolve(file.getFileName()));
        }
      }
    }
    for (Map.Entry<String, String> file : OF_THE_READER.entrySet()) {
      Files.writeString(folder.resolve(file.getKey()), file.getValue());
    }
    Files.createDirectories(folder.resolve("data/banking77"));
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      for (Map.Entry<String, Integer> part : ROWS_PER_LABEL.entrySet()) {
        String file = "data/banking77/" + part.getKey() + ".csv";
        statement.execute(
            """
            COPY (FROM read_csv('%s', all_varchar = true)
              QUALIFY row_number() OVER (PARTITION BY category ORDER BY text) <= %d
              ORDER BY category, text)
            TO '%s' (HEADER)
            """
                .formatted(ROOT.resolve(file), part.getValue(), folder.resolve(file)));
      }
    }
  }

  static boolean plays(String line) {
    return LINE.matcher(line).matches();
  }

  Path path(String name) {
    return folder.resolve(name);
  }

  /** Runs a command; what it prints replaces what the one before printed. */
  int run(String line) throws IOException {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    Matcher parts = LINE.matcher(line);
    if (!parts.matches()) {
      throw new IllegalArgumentException(line);
    }
    String input = Objects.requireNonNullElse(parts.group(1), "") + "\n";
    int code = run(words(parts.group(2)), input);
    if (parts.group(3) != null) {
      Files.writeString(folder.resolve(parts.group(3)), out.toString());
    }
    return code;
  }

  private int run(List<String> words, String input) {
    Terminal terminal =
        new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), Ansi.OFF);
    InputStream in = new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8));
    List<Object> commands =
        Luthier.commands(terminal).stream()
            .map(c -> c instanceof PredictCommand ? new PredictCommand(terminal, in) : c)
            .toList();
    return Luthier.run(terminal, commands, here(words).toArray(String[]::new));
  }

  /** The words of a command, with paths that lead into this folder, and shortened. */
  private List<String> here(List<String> words) {
    List<String> here = new ArrayList<>();
    for (String word : words) {
      boolean path = !here.isEmpty() && Files.exists(folder.resolve(word));
      here.add(path ? folder.resolve(word).toString() : word);
    }
    if (OF_RECIPES.contains(here.get(0))) {
      SHORT.forEach(setting -> here.addAll(List.of("--set", setting)));
      Recipe recipe = Recipes.read(Path.of(here.get(1)), Recipe.class, settings(here));
      here.addAll(List.of("--set", "output=" + folder.resolve(recipe.output())));
    }
    return here;
  }

  private static List<String> settings(List<String> words) {
    List<String> settings = new ArrayList<>();
    for (int i = 1; i < words.size(); i++) {
      if (words.get(i - 1).equals("--set")) {
        settings.add(words.get(i));
      }
    }
    return settings;
  }

  /** As a shell splits them. */
  private static List<String> words(String command) {
    return Pattern.compile("'([^']*)'|\"([^\"]*)\"|(\\S+)")
        .matcher(command)
        .results()
        .map(Stage::word)
        .toList();
  }

  private static String word(MatchResult match) {
    return Stream.of(1, 2, 3)
        .map(match::group)
        .filter(Objects::nonNull)
        .collect(Collectors.joining());
  }

  String out() {
    return out.toString();
  }

  String err() {
    return err.toString();
  }
}
