package dev.luthier.cli;

import dev.luthier.run.Inspection;
import dev.luthier.run.Recipe;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi.Style;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows the data of a recipe. */
@Command(
    name = "inspect",
    description = "Show the first training examples exactly as the model will see them.")
final class InspectCommand implements Callable<Integer> {
  private static final int LABELS = 10;

  private final Terminal terminal;

  @Mixin private final RecipeOptions from = new RecipeOptions();

  @Option(
      names = "-n",
      paramLabel = "<n>",
      defaultValue = "3",
      description = "How many examples (${DEFAULT-VALUE}).")
  private int examples = 3;

  @Mixin private final JsonOption json = new JsonOption();

  InspectCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Recipe recipe = from.read();
    Inspection seen = Inspection.of(recipe, from.folder(), examples);
    if (json.isOn()) {
      terminal.json(seen);
    } else {
      seen.parts().forEach(this::tell);
      seen.notes().forEach(note -> terminal.out().println("note        " + Inked.visible(note)));
      seen.examples().forEach(this::tell);
      legend(seen);
    }
    return ExitCode.OK;
  }

  private void tell(Inspection.Part part) {
    terminal
        .out()
        .println(
            "%-12s%,d examples, %,d tokens".formatted(part.name(), part.examples(), part.tokens())
                + (part.dropped() == 0
                    ? ""
                    : ", %,d left out as too long".formatted(part.dropped()))
                + (part.truncated() == 0 ? "" : ", %,d cut".formatted(part.truncated())));
    Map<String, Long> balance = part.balance();
    if (!balance.isEmpty()) {
      String shown =
          balance.entrySet().stream()
              .limit(LABELS)
              .map(e -> Inked.visible(e.getKey()) + " " + e.getValue())
              .collect(Collectors.joining(", "));
      int more = balance.size() - LABELS;
      terminal
          .out()
          .println(" ".repeat(12) + shown + (more > 0 ? ", and " + more + " labels more" : ""));
    }
  }

  private void tell(Inspection.Seen example) {
    terminal.out().println();
    terminal
        .out()
        .println(
            paint("row " + example.row(), Style.bold)
                + (example.image() ? ", " + Inked.visible(example.text()) : "")
                + ", "
                + example.tokens().size()
                + " tokens"
                + (example.cut() == 0 ? "" : ", the other " + example.cut() + " were cut")
                + (example.target().isEmpty()
                    ? ""
                    : ", to learn: " + paint(Inked.visible(example.target()), Style.fg_green)));
    if (example.image()) {
      return;
    }
    Inked lines = new Inked("  ");
    int segment = 0;
    for (Inspection.Token token : example.tokens()) {
      if (token.segment() != segment) {
        lines.newLine();
        segment = token.segment();
      }
      lines.add(plain(token), painted(token));
    }
    lines.lines().forEach(terminal.out()::println);
  }

  private static String plain(Inspection.Token token) {
    String text = Inked.visible(token.text()) + ":" + token.id();
    if (token.answer() != null) {
      return "{" + text + " = " + Inked.visible(token.answer()) + "}";
    }
    String shown = token.special() ? "<" + text + ">" : text;
    return token.learnt() ? "[" + shown + "]" : shown;
  }

  private String painted(Inspection.Token token) {
    if (token.answer() != null || token.learnt()) {
      return paint(plain(token), Style.fg_green, Style.bold);
    }
    return token.special() ? paint(plain(token), Style.faint) : plain(token);
  }

  private void legend(Inspection seen) {
    if (seen.examples().stream().anyMatch(Inspection.Seen::image)) {
      terminal.out().println();
      terminal.out().println("tokens of an image: one for the whole, then one for each patch");
      return;
    }
    boolean hidden =
        seen.examples().stream()
            .flatMap(e -> e.tokens().stream())
            .anyMatch(t -> t.answer() != null);
    boolean learnt =
        seen.examples().stream().flatMap(e -> e.tokens().stream()).anyMatch(t -> t.learnt());
    boolean pair =
        seen.examples().stream().flatMap(e -> e.tokens().stream()).anyMatch(t -> t.segment() > 0);
    terminal.out().println();
    terminal
        .out()
        .println(
            "token:id, <added by the tokenizer>"
                + (hidden ? ", {what the model sees = what it is to say}" : "")
                + (learnt ? ", [to be learnt from what is before it]" : "")
                + (pair ? "; the second segment begins on a new line" : ""));
  }

  private String paint(String text, Style... styles) {
    return terminal.ansi().enabled() ? Style.on(styles) + text + Style.off(styles) : text;
  }
}
