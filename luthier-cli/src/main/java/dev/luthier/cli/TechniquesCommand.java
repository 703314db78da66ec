package dev.luthier.cli;

import dev.luthier.recipe.document.Advice;
import dev.luthier.recipe.document.KeyPath;
import dev.luthier.recipe.shape.SocketShape;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Lists what a recipe can name. */
@Command(
    name = "techniques",
    description = "List the techniques that a recipe can name, or tell about one of them.")
final class TechniquesCommand implements Callable<Integer> {
  private final Terminal terminal;
  private final List<SocketShape> sockets;

  @Parameters(
      arity = "0..1",
      paramLabel = "<name>",
      description = "A technique's name in recipes, or its identifier in the catalogue.")
  private @Nullable String name;

  @Mixin private final JsonOption json = new JsonOption();

  TechniquesCommand(Terminal terminal, List<SocketShape> sockets) {
    this.terminal = terminal;
    this.sockets = sockets;
  }

  @Override
  public Integer call() {
    List<TechniqueCard> cards = TechniqueCard.of(sockets);
    if (name != null) {
      List<TechniqueCard> named = find(name, cards);
      if (json.isOn()) {
        terminal.json(named);
      } else {
        named.forEach(this::tell);
      }
    } else if (json.isOn()) {
      terminal.json(cards);
    } else {
      list(cards);
    }
    return ExitCode.OK;
  }

  private static List<TechniqueCard> find(String name, List<TechniqueCard> cards) {
    List<TechniqueCard> found =
        cards.stream().filter(c -> c.key().equals(name) || c.id().equals(name)).toList();
    if (found.isEmpty()) {
      List<String> known = cards.stream().map(TechniqueCard::key).toList();
      throw new MendableException(
          "unknown technique `"
              + name
              + "`. "
              + Advice.on(name, known, KeyPath.TOP, "Known techniques"));
    }
    return found;
  }

  private void list(List<TechniqueCard> cards) {
    int width = cards.stream().mapToInt(c -> c.key().length()).max().orElse(0);
    int names = cards.stream().mapToInt(c -> c.name().length()).max().orElse(0);
    Map<String, List<TechniqueCard>> areas =
        cards.stream()
            .collect(Collectors.groupingBy(TechniqueCard::area, TreeMap::new, Collectors.toList()));
    areas.forEach(
        (area, members) -> {
          terminal.line("@|bold " + area.toUpperCase(Locale.ROOT) + "|@");
          members.stream()
              .sorted(Comparator.comparing(TechniqueCard::key))
              .forEach(
                  c ->
                      terminal.line(
                          "  @|cyan %s|@  %s  %s"
                              .formatted(pad(c.key(), width), pad(c.name(), names), c.paper())
                              .stripTrailing()));
          terminal.line("");
        });
    terminal.line("luthier techniques <name> tells the keys of one and their defaults.");
  }

  private void tell(TechniqueCard card) {
    terminal.line("@|bold " + card.name() + "|@");
    terminal.line("  in a recipe   @|cyan " + card.key() + "|@");
    terminal.line("  in catalogue  " + card.id());
    terminal.line("  kind          " + card.area() + " (" + card.socket() + ")");
    if (!card.paper().isEmpty()) {
      terminal.line("  paper         " + card.paper());
    }
    List<String> lines = new ArrayList<>();
    int width = card.keys().stream().mapToInt(k -> k.name().length()).max().orElse(0);
    for (TechniqueCard.KeyCard key : card.keys()) {
      String standard = key.standard().isNull() ? "" : ", by default " + key.standard();
      lines.add("    @|cyan " + pad(key.name(), width) + "|@  " + key.takes() + standard);
    }
    terminal.line(lines.isEmpty() ? "  no keys" : "  keys");
    lines.forEach(terminal::line);
  }

  private static String pad(String text, int width) {
    return text + " ".repeat(width - text.length());
  }
}
