package dev.luthier.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.eval.report.Graph;
import dev.luthier.eval.report.SweepPage;
import dev.luthier.run.Recipe;
import dev.luthier.run.rate.RateGraph;
import dev.luthier.run.rate.RateSearch;
import dev.luthier.train.rate.RateCurve;
import dev.luthier.train.rate.RateSweep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Looks for the learning rate of a recipe. */
@Command(
    name = "lr-find",
    description =
        "Try ever higher learning rates, one a step, on a recipe's model and data, and suggest the"
            + " one at which the loss falls the fastest. No model is saved; the numbers and a page that"
            + " draws them are written beside the recipe's output folder.")
final class LrFindCommand implements Callable<Integer> {
  private static final RateSweep DEFAULT = new RateSweep();
  private static final List<String> COLUMNS = List.of("rate", "loss", "smoothed loss");
  private static final String SUGGESTED = "suggested";

  private final Terminal terminal;

  @Mixin private final RecipeOptions recipe = new RecipeOptions();

  @Option(
      names = "--from",
      paramLabel = "<rate>",
      description = "The lowest rate. Default: ${DEFAULT-VALUE}.")
  private double from = DEFAULT.from();

  @Option(
      names = "--to",
      paramLabel = "<rate>",
      description = "The highest rate. Default: ${DEFAULT-VALUE}.")
  private double to = DEFAULT.to();

  @Option(
      names = "--steps",
      paramLabel = "<n>",
      description = "How many rates are tried. Default: ${DEFAULT-VALUE}.")
  private int steps = DEFAULT.steps();

  @Mixin private final JsonOption json = new JsonOption();

  LrFindCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    Recipe asked = recipe.read();
    RateSweep sweep = sweep();
    RateSearch.Found found =
        RateSearch.find(asked, recipe.folder(), sweep, terminal.err()::println);
    RateCurve curve = found.curve();
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("recipe-rate", found.rate());
    result.put("suggested", curve.suggested());
    result.put("lowest", curve.lowest());
    result.put("diverged", curve.diverged());
    result.put("points", curve.points());
    List<Graph> graphs = List.of(RateGraph.of(curve));
    List<String> verdict = verdict(found);
    Path numbers = write(asked, result);
    Path page = Graphs.write(numbers, page(asked, curve, graphs, verdict));
    if (json.isOn()) {
      terminal.json(result);
    } else {
      Graphs.show(terminal, graphs);
      terminal.line("");
      verdict.forEach(line -> terminal.line(line.replace(SUGGESTED, "@|bold " + SUGGESTED + "|@")));
      terminal.line("");
      terminal.line("written   " + numbers);
      terminal.line("drawn     " + page);
    }
    return ExitCode.OK;
  }

  private RateSweep sweep() {
    try {
      return new RateSweep(from, to, steps, DEFAULT.smoothing(), DEFAULT.divergence());
    } catch (IllegalArgumentException e) {
      throw new MendableException("--" + e.getMessage());
    }
  }

  private static Path write(Recipe recipe, Map<String, Object> result) throws IOException {
    Path output = Path.of(recipe.output()).toAbsolutePath().normalize();
    Path folder = output.getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    Path numbers = output.resolveSibling(output.getFileName() + ".lr-find.json");
    new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(numbers.toFile(), result);
    return numbers;
  }

  private static SweepPage page(
      Recipe recipe, RateCurve curve, List<Graph> graphs, List<String> verdict) {
    List<List<String>> rows =
        curve.points().stream()
            .map(p -> List.of(number(p.rate()), loss(p.loss()), loss(p.smoothed())))
            .toList();
    String note = String.join("; ", verdict) + ".";
    SweepPage.Part part = new SweepPage.Part("By learning rate", note, graphs, COLUMNS, rows);
    return new SweepPage("Which learning rate to take", recipe.model(), List.of(part));
  }

  private static List<String> verdict(RateSearch.Found found) {
    RateCurve curve = found.curve();
    Double suggested = curve.suggested();
    Double diverged = curve.diverged();
    return List.of(
        suggested == null
            ? "no rate lowered the loss: begin lower with --from"
            : SUGGESTED + " " + number(suggested) + ", where the loss falls the fastest",
        "the recipe's rate is " + number(found.rate()),
        "the loss is the lowest at " + number(curve.lowest()),
        diverged == null
            ? "it did not diverge up to the last rate; to see where it does, go higher with --to"
            : "it diverges at " + number(diverged));
  }

  private static String number(double rate) {
    return String.format(Locale.ROOT, "%.2g", rate);
  }

  private static String loss(double loss) {
    return String.format(Locale.ROOT, "%.4f", loss);
  }
}
