import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The page that the results make. */
final class OptimizersPage {
  private final Results results;
  private final List<Setup> setups;

  OptimizersPage(Results results, List<Setup> setups) {
    this.results = results;
    this.setups = setups;
  }

  /** What a row of a table is made of. */
  private record Row(Subject subject, List<ObjectNode> runs, Scores.Difference difference) {
    double score() {
      return Scores.mean(runs, "score");
    }
  }

  String text() {
    StringBuilder out = new StringBuilder();
    out.append(
        """
        # Optimizers and regularizers: what they do

        Written by `bench/optimizers.sh` from [optimizers.jsonl](optimizers.jsonl), which has a line for every run.

        Every optimizer gets the same small budget for its learning rate: four rates, each √10 above the last, the first the
        technique's default, run with the first seed and judged on validation data; where the best lies at an end of them, up to
        two more beyond it. At the rate chosen it runs with further seeds. A seed draws the examples, their order and the head, the
        same for all rows. Weights are trained in full in float32, gradients clipped at norm 1, the rate warmed up over a tenth of
        the run and then falling linearly to zero (Schedule-Free and SWA: constant after the warm-up). Everything else
        is as the technique's defaults say. Rows that begin with + are links around AdamW.

        *Against AdamW* is the mean difference over the same seeds and its 95 % interval (Student's, paired by seed). An interval that
        holds 0 shows no difference; of twenty true equals one is expected to miss it. *Steps* are those until the training loss, a
        mean of ten steps, comes down to the goal. *Time* is the processor's time of a whole step, all threads, the
        median over the run; it was measured beside other work and on two kinds of processor, so small differences say little. *State* is what the optimizer keeps in a
        checkpoint beside the weights; of tables of words AdamW and some others keep only the rows that were seen.
        """);
    for (Setup s : setups) {
      section(out, s);
      if (s.name().equals("few-shot")) {
        regularizers(out, s);
      }
    }
    out.append(
        """

        ## Making it again

        Runs that are in the file are not made again, so the command can be stopped and started. To make rows anew, name them:

        ```sh
        bench/optimizers.sh --data path/to/data                                # all that is missing: some hours
        bench/optimizers.sh --data path/to/data --again few-shot/lion stories  # one row, and one case
        bench/optimizers.sh --page                                             # this page alone
        ```

        A run is the same to the bit on the same machine with the same number of threads.
        """);
    return out.toString();
  }

  private List<Row> rows(String name, Setup setup, List<Subject> subjects) {
    List<ObjectNode> adamw = chosen(setup, setup.name(), Subject.ADAMW);
    List<Row> out = new ArrayList<>();
    for (Subject s : subjects) {
      List<ObjectNode> runs = chosen(setup, name, s.name());
      if (!runs.isEmpty()) {
        out.add(new Row(s, runs, Scores.difference(runs, adamw)));
      }
    }
    Comparator<Row> byScore = Comparator.comparingDouble(Row::score);
    out.sort(setup.classes() ? byScore.reversed() : byScore);
    return out;
  }

  private List<ObjectNode> chosen(Setup setup, String name, String subject) {
    return Scores.chosen(results, name, subject, setup.trialSteps() == 0 && !name.equals(Optimizers.REGULARIZERS));
  }

  private void section(StringBuilder out, Setup setup) {
    List<Row> rows = rows(setup.name(), setup, Subjects.optimizers());
    if (rows.isEmpty()) {
      return;
    }
    out.append("\n## ").append(setup.title()).append("\n\n").append(setup.about()).append("\n\n");
    out.append("| optimizer | rate | ")
        .append(setup.classes() ? "accuracy, %" : "loss, nats")
        .append(format(" | against AdamW | seeds | final training loss | steps to %.1f | time, ms | state, MB |\n", setup.goal()))
        .append("|---|---|---|---|---|---|---|---|---|\n");
    for (Row r : rows) {
      out.append(
          format(
              "| %s | %.2g | %s | %s | %d | %.3f | %s | %.0f | %.2f |\n",
              (r.subject().around() ? "+ " : "") + r.subject().name(),
              r.runs().get(0).get("rate").asDouble(),
              spread(r.runs(), setup),
              r.subject().isAdamW() ? "–" : against(r.difference(), setup),
              r.runs().size(),
              r.runs().stream().mapToDouble(Scores::finalLoss).average().orElse(Double.NaN),
              steps(r.runs(), setup.goal()),
              Scores.mean(r.runs(), "cpu_ms_per_step"),
              Scores.mean(r.runs(), "state_bytes") / 1e6));
    }
    verdict(out, setup, rows.stream().filter(r -> !r.subject().isAdamW()).toList(), "AdamW");
    failed(out, setup);
    rates(out, setup);
  }

  private void regularizers(StringBuilder out, Setup setup) {
    List<Row> rows = rows(Optimizers.REGULARIZERS, setup, Subjects.regularizers());
    if (rows.isEmpty()) {
      return;
    }
    List<ObjectNode> without = chosen(setup, setup.name(), Subject.ADAMW);
    out.append(
        """

        ## Regularizers with ten examples per intent

        The same model, data and steps, AdamW at the rate chosen above, with and without. Weighing classes is left out, since the classes
        are equally large. Dropout is that of the model, which was made without; R-Drop needs it, and is to be read beside dropout
        alone. The teacher of a distillation is the same model tuned before on the same examples. At 95 %, of twenty without
        any effect one would seem to have one.

        | with | accuracy, % | loss on test data | against without | seeds | time, ms |
        |---|---|---|---|---|---|
        """);
    out.append(
        format(
            "| nothing | %s | %.3f | – | %d | %.0f |\n",
            spread(without, setup),
            Scores.mean(without, "test_loss"),
            without.size(),
            Scores.mean(without, "cpu_ms_per_step")));
    for (Row r : rows) {
      out.append(
          format(
              "| %s | %s | %.3f | %s | %d | %.0f |\n",
              r.subject().name(),
              spread(r.runs(), setup),
              Scores.mean(r.runs(), "test_loss"),
              against(r.difference(), setup),
              r.runs().size(),
              Scores.mean(r.runs(), "cpu_ms_per_step")));
    }
    verdict(out, setup, rows, "nothing");
  }

  /** Says plainly what is better, what is worse, and what shows no difference. */
  private static void verdict(StringBuilder out, Setup setup, List<Row> rows, String to) {
    List<Row> judged = rows.stream().filter(r -> r.difference().seeds() > 1).toList();
    if (judged.isEmpty()) {
      return;
    }
    double sign = setup.classes() ? 1 : -1;
    out.append("\n- **Better than ").append(to).append("**: ");
    out.append(names(judged.stream().filter(r -> r.difference().isShown() && sign * r.difference().mean() > 0).toList()));
    out.append(".\n- **No difference shown, so nothing that speaks for them here**: ");
    out.append(names(judged.stream().filter(r -> !r.difference().isShown()).toList()));
    out.append(".\n- **Worse than ").append(to).append("**: ");
    out.append(names(judged.stream().filter(r -> r.difference().isShown() && sign * r.difference().mean() < 0).toList()));
    out.append(".\n");
  }

  private static String names(List<Row> rows) {
    return rows.isEmpty()
        ? "none"
        : rows.stream().map(r -> r.subject().name()).collect(Collectors.joining("; "));
  }

  /** Runs that ended early, which a table of means would hide. */
  private void failed(StringBuilder out, Setup setup) {
    List<String> lines = new ArrayList<>();
    for (Subject s : Subjects.optimizers()) {
      for (ObjectNode r : results.of(setup.name(), s.name())) {
        if (r.has("error")) {
          lines.add(format("%s at %.2g: %s", s.name(), r.get("rate").asDouble(), r.get("error").asText()));
        }
      }
    }
    if (!lines.isEmpty()) {
      out.append("\nRuns that did not come to their end: ").append(String.join("; ", lines)).append(".\n");
    }
  }

  /** The final training loss and the score over the rates that were tried. */
  private void rates(StringBuilder out, Setup setup) {
    out.append("\n<details><summary>Every rate that was tried: final training loss / ");
    out.append(setup.classes() ? "validation accuracy" : "validation loss").append("</summary>\n\n");
    out.append("| optimizer | rate: loss / validation |\n|---|---|\n");
    for (Subject s : Subjects.optimizers()) {
      String tried =
          results.of(setup.name(), s.name()).stream()
              .filter(r -> r.get("seed").asInt() == 0 && r.get("trial").asBoolean() == setup.trialSteps() > 0)
              .sorted(Comparator.comparingDouble(r -> r.get("rate").asDouble()))
              .map(r -> tried(r, setup))
              .collect(Collectors.joining(", "));
      if (!tried.isEmpty()) {
        out.append("| ").append(s.name()).append(" | ").append(tried).append(" |\n");
      }
    }
    out.append("\n</details>\n");
  }

  private static String tried(ObjectNode r, Setup setup) {
    return r.has("validation")
        ? format(
            setup.classes() ? "%.2g: %.3f / %.1f" : "%.2g: %.3f / %.3f",
            r.get("rate").asDouble(),
            Scores.finalLoss(r),
            r.get("validation").asDouble())
        : format("%.2g: diverged", r.get("rate").asDouble());
  }

  private static String steps(List<ObjectNode> runs, double goal) {
    int[] steps = runs.stream().mapToInt(r -> Scores.stepsTo(r, goal)).toArray();
    for (int s : steps) {
      if (s == 0) {
        return "never";
      }
    }
    return format("%.0f", java.util.Arrays.stream(steps).average().orElse(0));
  }

  private static String spread(List<ObjectNode> runs, Setup setup) {
    String one = setup.classes() ? "%.1f" : "%.3f";
    return runs.size() > 1
        ? format(one + " ± " + one, Scores.mean(runs, "score"), Scores.deviation(runs, "score"))
        : format(one, Scores.mean(runs, "score"));
  }

  private static String against(Scores.Difference d, Setup setup) {
    String one = setup.classes() ? "%+.1f" : "%+.3f";
    if (d.seeds() < 2) {
      return format(one, d.mean());
    }
    String text = format(one + " (" + one + " to " + one + ")", d.mean(), d.mean() - d.within(), d.mean() + d.within());
    return d.isShown() ? "**" + text + "**" : text;
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
