package dev.luthier.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.data.Dataset;
import dev.luthier.data.Example;
import dev.luthier.data.TargetKind;
import dev.luthier.data.read.DatasetReader;
import dev.luthier.data.read.ReadResult;
import dev.luthier.model.generate.Generation;
import dev.luthier.run.Prediction;
import dev.luthier.run.Predictor;
import dev.luthier.run.Recipe;
import dev.luthier.tensor.Rng;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Asks a tuned model about texts. */
@Command(
    name = "predict",
    description =
        "Say what a tuned model makes of texts: one JSON line each, with every label's score, or with"
            + " what it writes on them.")
final class PredictCommand implements Callable<Integer> {
  private static final Pattern TABLE =
      Pattern.compile(
          "\\.(csv|tsv|tab|jsonl|ndjson|json|parquet|pq)(\\.gz)?$", Pattern.CASE_INSENSITIVE);
  private static final String STANDARD_INPUT = "-";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Terminal terminal;
  private final InputStream in;
  private long texts;
  private long truncated;

  @Mixin private final ModelOptions model = new ModelOptions();

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "<file>",
      description =
          "Texts: one a line, or a table (csv, tsv, jsonl, json, parquet); by default, or where it"
              + " is -, standard input, one text a line.")
  private String file = STANDARD_INPUT;

  @Mixin private final TableOptions table = new TableOptions();

  @Option(
      names = "--batch",
      paramLabel = "<n>",
      defaultValue = "256",
      description = "How many texts are read and answered at once, at most (${DEFAULT-VALUE}).")
  private int batch = 256;

  @Option(
      names = "--max-tokens",
      paramLabel = "<n>",
      description = "The most tokens written on a text (128), for a model that writes on texts.")
  private @Nullable Integer maxTokens;

  PredictCommand(Terminal terminal, InputStream in) {
    this.terminal = terminal;
    this.in = in;
  }

  @Override
  public Integer call() throws IOException {
    if (batch < 1) {
      throw new MendableException("--batch is " + batch + "; it must be at least 1");
    }
    Predictor predictor = model.load();
    requireFitting(predictor);
    if (file.equals(STANDARD_INPUT)) {
      requireLines("standard input");
      answerLines(predictor, in, "standard input");
    } else if (table.isTable() || TABLE.matcher(file).find()) {
      answerTable(predictor);
    } else {
      try (InputStream lines = Files.newInputStream(Path.of(file))) {
        answerLines(predictor, lines, file);
      }
    }
    if (truncated > 0) {
      terminal.warning(
          "%d of %d texts had more than %d tokens and were cut"
              .formatted(truncated, texts, predictor.limit()));
    }
    return ExitCode.OK;
  }

  private void requireFitting(Predictor predictor) {
    if (maxTokens != null && maxTokens < 1) {
      throw new MendableException("--max-tokens is " + maxTokens + "; it must be at least 1");
    }
    if (maxTokens != null && !predictor.completes()) {
      throw new MendableException(
          "--max-tokens is for a model that writes on texts; this one says something about them");
    }
  }

  private void requireLines(String name) {
    if (table.isTable()) {
      throw new MendableException(
          name + " is read as one text a line; columns and formats are of files, so name one");
    }
  }

  private void answerLines(Predictor predictor, InputStream from, String name) throws IOException {
    try (TextLines lines = new TextLines(from, name, table.skipsEmpty())) {
      for (List<Example> some = lines.next(batch); !some.isEmpty(); some = lines.next(batch)) {
        answer(predictor, new Dataset(name, some));
      }
      tellSkipped(lines.skipped());
    }
  }

  private void answerTable(Predictor predictor) throws IOException {
    Recipe recipe = predictor.recipe();
    ReadResult read =
        DatasetReader.readCounted(
            table
                .describe(
                    file, recipe == null ? null : recipe.data().train(), predictor.seesImages())
                .build(),
            TargetKind.NONE,
            Path.of(""));
    List<Example> all = read.dataset().examples();
    for (int at = 0; at < all.size(); at += batch) {
      List<Example> some = all.subList(at, Math.min(all.size(), at + batch));
      answer(predictor, new Dataset(file, some));
    }
    tellSkipped(read.counts().withoutText());
  }

  private void tellSkipped(long skipped) {
    if (skipped > 0) {
      terminal.warning(skipped + " empty texts were left out");
    }
  }

  private void answer(Predictor predictor, Dataset some) throws JsonProcessingException {
    Predictor.Answers answers =
        maxTokens == null
            ? predictor.predict(some)
            : predictor.complete(
                some.examples().stream().map(Example::text).toList(),
                Generation.greedy(maxTokens),
                Rng.Key.of(0));
    texts += some.size();
    truncated += answers.truncated();
    for (int i = 0; i < some.size(); i++) {
      String line =
          line(some.examples().get(i), answers.predictions().get(i), predictor.seesImages());
      terminal.out().print(line + "\n");
    }
    if (terminal.out().checkError()) {
      throw new MendableException("nobody reads the results any more; stopped");
    }
  }

  private static String line(Example example, Prediction prediction, boolean images)
      throws JsonProcessingException {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    if (prediction instanceof Prediction.Completion completion) {
      out.put("prompt", example.text());
      out.put("completion", completion.text());
      out.put("tokens", completion.tokens());
      out.put("ended", completion.ended());
      return JSON.writeValueAsString(out);
    }
    out.put(images ? "image" : "text", example.text());
    if (example.pair() != null) {
      out.put("pair", example.pair());
    }
    if (prediction instanceof Prediction.OneLabel one) {
      out.put("label", one.label());
      out.put("score", one.score());
      out.put("scores", one.scores());
    } else if (prediction instanceof Prediction.ManyLabels many) {
      out.put("labels", many.labels());
      out.put("scores", many.scores());
    } else if (prediction instanceof Prediction.Value number) {
      out.put("value", number.value());
    }
    return JSON.writeValueAsString(out);
  }
}
