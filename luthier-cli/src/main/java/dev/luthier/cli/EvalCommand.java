package dev.luthier.cli;

import dev.luthier.data.DataFile;
import dev.luthier.data.DataFileBuilder;
import dev.luthier.data.Dataset;
import dev.luthier.data.TargetKind;
import dev.luthier.data.read.DatasetReader;
import dev.luthier.data.read.ReadResult;
import dev.luthier.eval.harness.Evaluation;
import dev.luthier.run.Predictor;
import dev.luthier.run.Recipe;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures a tuned model. */
@Command(
    name = "eval",
    description =
        "Measure a tuned model on data with the truth; a run, by default, on its test data.")
final class EvalCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private final ModelOptions model = new ModelOptions();

  @Option(
      names = "--data",
      paramLabel = "<file>",
      description = "A table of texts and labels (csv, tsv, jsonl, json, parquet).")
  private @Nullable String file;

  @Option(names = "--label", paramLabel = "<column>", description = "The column of the truth.")
  private @Nullable String label;

  @Option(
      names = "--completion",
      paramLabel = "<column>",
      description =
          "The column of what follows the text, for a model that writes on texts; without it the"
              + " text itself is measured.")
  private @Nullable String completion;

  @Option(
      names = "--label-separator",
      paramLabel = "<text>",
      description = "What separates several labels of one text.")
  private @Nullable String separator;

  @Mixin private final TableOptions table = new TableOptions();

  @Mixin private final JsonOption json = new JsonOption();

  EvalCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Predictor predictor = model.load();
    Dataset data = file == null ? testData(predictor) : read(predictor, file);
    Evaluation evaluation = predictor.evaluate(data);
    if (json.isOn()) {
      terminal.out().println(evaluation.json().stripTrailing());
    } else {
      tell(data, evaluation);
    }
    return ExitCode.OK;
  }

  private Dataset testData(Predictor predictor) {
    if (table.isTable() || label != null || separator != null || completion != null) {
      throw new MendableException("columns are named, but no file; name one by --data FILE");
    }
    Dataset data = predictor.testData();
    if (data == null) {
      throw new MendableException(
          predictor.recipe() == null
              ? "name the data to measure on by --data FILE"
              : "the run's recipe sets no test data aside; name some by --data FILE");
    }
    return data;
  }

  private Dataset read(Predictor predictor, String from) {
    Recipe recipe = predictor.recipe();
    @Nullable DataFile like = recipe == null ? null : recipe.data().train();
    DataFileBuilder builder =
        predictor.completes()
            ? table.describeTexts(from, like, completion)
            : table.describe(from, like, predictor.seesImages()).label(labelColumn(from, like));
    String between = separator == null && like != null ? like.labelSeparator() : separator;
    if (between != null && predictor.targetKind() == TargetKind.MANY_LABELS) {
      builder.labelSeparator(between);
    }
    ReadResult read =
        DatasetReader.readCounted(builder.build(), predictor.targetKind(), Path.of(""));
    if (read.counts().withoutText() > 0) {
      terminal.warning(read.counts().withoutText() + " empty texts were left out");
    }
    if (read.dataset().isEmpty()) {
      throw new MendableException("no row of " + from + " is left to measure on");
    }
    return read.dataset();
  }

  private String labelColumn(String from, @Nullable DataFile like) {
    String known = label == null && like != null ? like.label() : label;
    if (known == null) {
      throw new MendableException(
          "which column of " + from + " holds the truth? Name it by --label COLUMN");
    }
    return known;
  }

  private void tell(Dataset data, Evaluation evaluation) {
    terminal.line(
        "@|bold %-34s %10s   %s|@"
            .formatted(
                "on %,d examples".formatted(evaluation.examples()),
                "value",
                "%.0f %% interval".formatted(100 * evaluation.level())));
    for (Evaluation.Result r : evaluation.results()) {
      terminal.line(
          String.format(
              Locale.ROOT,
              "%-34s %10.4f   %.4f to %.4f",
              r.title(),
              r.value(),
              r.lower(),
              r.upper()));
    }
    terminal.line("");
    terminal.out().println("data      " + data.name());
    evaluation.caveats().forEach(c -> terminal.out().println("note      " + c));
  }
}
