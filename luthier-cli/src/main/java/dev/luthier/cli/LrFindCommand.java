package dev.luthier.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.run.Recipe;
import dev.luthier.run.rate.RatePlot;
import dev.luthier.run.rate.RateSearch;
import dev.luthier.train.rate.RateCurve;
import dev.luthier.train.rate.RateSweep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
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
            + " one at which the loss falls the fastest. No model is saved; the curve is written"
            + " beside the recipe's output folder.")
final class LrFindCommand implements Callable<Integer> {
  private static final RateSweep DEFAULT = new RateSweep();

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
    RatePlot plot = new RatePlot(curve);
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("recipe-rate", found.rate());
    result.put("suggested", curve.suggested());
    result.put("lowest", curve.lowest());
    result.put("diverged", curve.diverged());
    result.put("points", curve.points());
    Path picture = write(asked, result, plot);
    if (json.isOn()) {
      terminal.json(result);
    } else {
      plot.text().forEach(terminal.out()::println);
      tell(found, picture);
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

  private static Path write(Recipe recipe, Map<String, Object> result, RatePlot plot)
      throws IOException {
    Path output = Path.of(recipe.output()).toAbsolutePath().normalize();
    Path folder = output.getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    Path numbers = output.resolveSibling(output.getFileName() + ".lr-find.json");
    Path picture = output.resolveSibling(output.getFileName() + ".lr-find.svg");
    new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(numbers.toFile(), result);
    Files.writeString(picture, plot.svg());
    return picture;
  }

  private void tell(RateSearch.Found found, Path picture) {
    RateCurve curve = found.curve();
    terminal.line("");
    Double suggested = curve.suggested();
    terminal.line(
        suggested == null
            ? "no rate lowered the loss: begin lower with --from"
            : "@|bold suggested|@ " + number(suggested) + ", where the loss falls the fastest");
    terminal.line("the recipe's rate is " + number(found.rate()));
    terminal.line("the loss is the lowest at " + number(curve.lowest()));
    Double diverged = curve.diverged();
    terminal.line(
        diverged == null
            ? "it did not diverge up to the last rate; to see where it does, go higher with --to"
            : "it diverges at " + number(diverged));
    terminal.line("written: " + picture + " and the numbers beside it");
  }

  private static String number(double rate) {
    return String.format(Locale.ROOT, "%.2g", rate);
  }
}
