package dev.luthier.cli;

import dev.luthier.run.Recipe;
import dev.luthier.run.plan.Amount;
import dev.luthier.run.plan.Plan;
import dev.luthier.run.plan.Planner;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Says what a recipe would do and need. */
@Command(
    name = "plan",
    description =
        "Tell what a recipe means with every default, and what the run will need: parameters,"
            + " memory, disk, steps, arithmetic. Nothing is trained and nothing written.")
final class PlanCommand implements Callable<Integer> {
  private static final double MEGA = 1 << 20;

  private final Terminal terminal;

  @Mixin private final RecipeOptions from = new RecipeOptions();

  @Mixin private final JsonOption json = new JsonOption();

  PlanCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    Recipe recipe = from.read();
    Plan plan = new Planner(recipe, from.folder()).plan();
    if (json.isOn()) {
      terminal.json(plan);
    } else {
      tell(plan);
    }
    return ExitCode.OK;
  }

  private void tell(Plan plan) {
    head("recipe, with every default");
    plan.recipe().lines().forEach(line -> terminal.out().println("  " + line));
    head("model and data");
    plan.notes().forEach(note -> terminal.out().println("  " + note));
    size(plan.model());
    head("groups of parameters");
    plan.groups().forEach(g -> row(g.name(), count(g.parameters()), g.words()));
    head("data");
    plan.data().forEach((name, n) -> row(name, count(n), ""));
    course(plan.course());
    work(plan.work());
    head("memory");
    plan.memory().components().forEach(this::amount);
    head("memory held at the same time");
    plan.memory().phases().forEach(this::amount);
    row("peak", bytes(plan.memory().peak()), "with a Java heap of at most " + heap(plan));
    terminal.out().println("  " + plan.memory().caveat());
    head("disk");
    plan.disk().components().forEach(this::amount);
    row("in all", bytes(plan.disk().total()), "");
    row("at most", bytes(plan.disk().peak()), "while the last checkpoint is written");
    before(plan);
  }

  private void before(Plan plan) {
    if (plan.before().isEmpty()) {
      return;
    }
    head("run before it");
    plan.before()
        .forEach(
            b ->
                row(
                    b.name(),
                    count(b.steps()) + " steps",
                    "%s of memory, %s of disk, %s at least"
                        .formatted(
                            bytes(b.memoryPeak()), bytes(b.disk()), seconds(b.secondsAtLeast()))));
    row(
        "with this",
        seconds(plan.secondsInAll()),
        "at least; %s of memory, %s of disk"
            .formatted(bytes(plan.peak()), bytes(plan.diskInAll())));
  }

  private static String seconds(double seconds) {
    return String.format(Locale.ROOT, "%,.0f s", seconds);
  }

  private void size(Plan.ModelSize size) {
    head("parameters");
    size.parts()
        .forEach(
            (part, n) ->
                row(part, count(n.parameters()), count(n.trainable()) + " of them trained"));
    row("in all", count(size.parameters()), "");
    String share =
        String.format(Locale.ROOT, "%.2f %%", 100.0 * size.trainable() / size.parameters());
    row("trained", count(size.trainable()), share);
    row("added", count(size.added()), size.added() == 0 ? "" : "by adaptations");
    row("optimizer state", bytes(size.optimizerStateBytes()), "");
  }

  private void course(Plan.Steps course) {
    head("course");
    row("steps", count(course.steps()), count(course.stepsPerEpoch()) + " an epoch");
    row("tokens", count(course.tokens()), "learnt from, as often as seen");
    row(
        "fullest batch",
        count(course.largestBatchTokens()),
        "tokens, the longest sequence of " + course.largestBatchLongest());
    row("checkpoints", count(course.checkpoints()), "written");
    row("evaluations", count(course.evaluations()), "on the validation data");
  }

  private void work(Plan.Work work) {
    head("arithmetic");
    row("training", giga(work.trainingOperations()), "GFLOP in products of matrices");
    row("evaluating", giga(work.evaluationOperations()), "GFLOP");
    row("this machine", giga(work.matmulRate()), "GFLOP a second, measured just now");
    row(
        "time, estimated",
        seconds(work.secondsAtLeast()),
        "at that rate; all that is no product of matrices comes on top");
  }

  private void head(String title) {
    terminal.line("");
    terminal.line("@|bold " + title + "|@");
  }

  private void amount(Amount amount) {
    row(amount.name(), bytes(amount.bytes()), amount.note());
  }

  private void row(String name, String value, String note) {
    String line = String.format(Locale.ROOT, "  %-28s %16s  %s", name, value, note);
    terminal.out().println(line.stripTrailing());
  }

  private static String heap(Plan plan) {
    return bytes(plan.memory().maxHeap());
  }

  private static String count(long n) {
    return String.format(Locale.ROOT, "%,d", n);
  }

  private static String giga(double operations) {
    return String.format(Locale.ROOT, "%,.1f", operations / 1e9);
  }

  private static String bytes(long n) {
    return String.format(Locale.ROOT, "%,.1f MiB", n / MEGA);
  }
}
