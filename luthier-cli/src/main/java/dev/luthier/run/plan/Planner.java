package dev.luthier.run.plan;

import dev.luthier.data.batch.Encoder;
import dev.luthier.model.Model;
import dev.luthier.model.image.Vision;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.recipe.Recipes;
import dev.luthier.run.Prepared;
import dev.luthier.run.Recipe;
import dev.luthier.tensor.Rng;
import dev.luthier.train.Adaptation;
import dev.luthier.train.Adapted;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.Task;
import dev.luthier.train.TrainingException;
import dev.luthier.train.group.GroupFacts;
import dev.luthier.train.group.Grouping;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Plans a run: loads its model and data and applies its adaptations, exactly as the run will, but
 * computes nothing with them and writes nothing. What would keep a run from starting keeps the plan
 * from being made, with the same message.
 */
public final class Planner {
  private final Recipe recipe;
  private final Path base;
  private final boolean whole;

  /**
   * @param recipe of the run
   * @param base what relative paths of inputs are relative to: the folder of the recipe
   */
  public Planner(Recipe recipe, Path base) {
    this(recipe, base, false);
  }

  private Planner(Recipe recipe, Path base, boolean whole) {
    this.recipe = recipe;
    this.base = base;
    this.whole = whole;
  }

  /**
   * Makes the plan; takes about a second longer than loading.
   *
   * @throws TrainingException if the model or the objective is of a kind whose memory is not
   *     understood
   */
  public Plan plan() throws IOException {
    Prepared run = Prepared.load(recipe, base);
    Sizes before = Sizes.of(run.model().model());
    List<String> notes = new ArrayList<>(run.notes());
    boolean separate = false;
    boolean changed = false;
    for (Adaptation a : recipe.adapt()) {
      Adapted done = a.apply(run.model(), Rng.Key.of(recipe.train().seedOfInit()).with("adapt"));
      notes.addAll(done.description());
      separate |= done.isSeparate();
      changed |= done.changesBase();
    }
    if (recipe.objective().passes().elsewhere()) {
      notes.add("the objective runs another model too, whose time and memory are not in this plan");
    }
    notes.addAll(recipe.train().precision().apply(run.model().model()));
    Sizes after = Sizes.of(run.model().model());
    Course course =
        Course.of(
            recipe.train(),
            BatchShape.sequences(run.train().data()),
            epoch -> seen(run, epoch),
            !recipe.objective().isSumOverExamples());
    Map<String, Parameter> trained = trained(run.model().model());
    notes.addAll(
        course
            .outlook(recipe.train())
            .notes(recipe.optimizer(), recipe.schedule(), trained.keySet()));
    Updated updated = Updated.of(recipe, trained, course.steps().size());
    Subject subject =
        new Subject(
            run, Walks.of(run), course, before, after, updated, separate && !changed && !whole);
    MemoryPlanner memory = new MemoryPlanner(subject);
    return new Plan(
        Recipes.render(recipe),
        Recipes.hash(recipe),
        List.copyOf(notes),
        size(subject),
        groups(run),
        data(run),
        steps(subject, memory.fullest()),
        WorkPlanner.work(subject),
        memory.plan(base.resolve(recipe.model())),
        new DiskPlanner(subject).plan(base.resolve(recipe.model())),
        before());
  }

  private List<Plan.Before> before() throws IOException {
    List<Plan.Before> out = new ArrayList<>();
    for (Recipe.Before b : recipe.runsBefore()) {
      out.add(Plan.Before.of(b.name(), new Planner(b.recipe(), base, b.whole()).plan()));
    }
    return out;
  }

  private static Map<String, Parameter> trained(Model model) {
    Map<String, Parameter> out = new TreeMap<>(Modules.parameters(model));
    out.values().removeIf(p -> !p.trainable());
    return out;
  }

  /** The training examples as an epoch sees them: images may be smaller in the first ones. */
  private static List<BatchShape.Sequence> seen(Prepared run, int epoch) {
    List<BatchShape.Sequence> all = BatchShape.sequences(run.train().data());
    Vision vision = run.model().vision();
    if (vision == null || !(run.recipe().task() instanceof Task.OfImages images)) {
      return all;
    }
    int tokens = vision.tokens(images.side(vision, epoch));
    return Collections.nCopies(all.size(), BatchShape.Sequence.whole(tokens));
  }

  private static Plan.ModelSize size(Subject subject) {
    return new Plan.ModelSize(
        subject.after().parameters(),
        subject.after().trainable(),
        subject.after().parameters() - subject.before().parameters(),
        subject.optimizerBytes(),
        parts(subject));
  }

  /** Parameters by the first names of their paths that tell parts of a network apart. */
  private static Map<String, Plan.PartSize> parts(Subject subject) {
    Map<String, Plan.PartSize> out = new TreeMap<>();
    Modules.parameters(subject.run().model().model())
        .forEach(
            (path, p) ->
                out.merge(
                    part(path),
                    new Plan.PartSize(p.count(), p.trainable() ? p.count() : 0),
                    (a, b) ->
                        new Plan.PartSize(
                            a.parameters() + b.parameters(), a.trainable() + b.trainable())));
    return out;
  }

  private static String part(String path) {
    String[] names = path.split("\\.", 3);
    return names.length < 3 ? names[0] : names[0] + "." + names[1];
  }

  private List<Plan.Group> groups(Prepared run) {
    List<ParameterGroup> groups =
        Grouping.of(
            run.model().model(),
            recipe.train().groups(),
            recipe.train().layerDecay(),
            recipe.optimizer());
    return GroupFacts.of(groups, recipe.optimizer()).stream().map(Plan.Group::of).toList();
  }

  private static Map<String, Integer> data(Prepared run) {
    Map<String, Integer> out = new LinkedHashMap<>();
    out.put("train", run.train().data().size());
    put(out, "validation", run.validation());
    put(out, "test", run.test());
    if (!run.labels().isEmpty()) {
      out.put("labels", run.labels().size());
    }
    return out;
  }

  private static void put(Map<String, Integer> out, String name, Encoder.@Nullable Encoded d) {
    if (d != null) {
      out.put(name, d.data().size());
    }
  }

  private static Plan.Steps steps(Subject subject, BatchShape fullest) {
    Course course = subject.course();
    return new Plan.Steps(
        course.steps().size(),
        course.stepsPerEpoch(),
        course.tokens(),
        fullest.tokens(),
        fullest.longest(),
        course.saves(),
        subject.run().validation() == null ? 0 : course.evaluations());
  }

  /** The parameters of a network. */
  record Sizes(long parameters, long trainable, long largest) {
    static Sizes of(Model model) {
      return new Sizes(
          Modules.count(model),
          Modules.countTrainable(model),
          Modules.parameters(model).values().stream().mapToLong(Parameter::count).max().orElse(0));
    }
  }
}
