package dev.luthier.train.objective;

import com.google.auto.service.AutoService;
import dev.luthier.data.batch.Batch;
import dev.luthier.model.Model;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.train.Beginning;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.Objective;
import dev.luthier.train.Passes;
import dev.luthier.train.Schedule;
import dev.luthier.train.schedule.ConstantSchedule;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Several objectives at once, each with a strength that may move over the run.
 *
 * <pre>
 *   L = Σ sᵢ fᵢ(t) Lᵢ
 * </pre>
 *
 * <p>fᵢ is a schedule's factor at step t. All sums are divided by the weight of the first, and the
 * loss on validation data is the first alone. The model runs once for each part.
 *
 * <p>When to use it: to learn from several objectives at once, weighed against one another, on the
 * same texts.
 *
 * @param parts at least one
 */
@Technique(id = "joint", name = "Joint objectives", area = Area.OBJECTIVE)
@AutoService(Objective.class)
public record Joint(List<Part> parts) implements Objective {
  /** Cross-entropy, with nothing beside it. */
  public Joint() {
    this(List.of(new Part(new CrossEntropy())));
  }

  /** Checks that there is something to minimise. */
  public Joint {
    parts = List.copyOf(parts);
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("parts must name at least one objective");
    }
  }

  /**
   * One of them.
   *
   * @param of the objective
   * @param strength s, at least 0
   * @param schedule f, how the strength moves over the run
   */
  public record Part(Objective of, double strength, Schedule schedule) {
    /** In full strength throughout. */
    public Part(Objective of) {
      this(of, 1, new ConstantSchedule());
    }

    /** Checks the range. */
    public Part {
      if (!(strength >= 0 && Double.isFinite(strength))) {
        throw new IllegalArgumentException("strength must be at least 0, not " + strength);
      }
    }

    private Part begin(Beginning beginning) {
      return new Part(of.begin(beginning), strength, schedule);
    }

    private double at(LossContext step) {
      return strength * step.factor(schedule);
    }
  }

  @Override
  public Objective begin(Beginning beginning) {
    return new Joint(parts.stream().map(p -> p.begin(beginning)).toList());
  }

  @Override
  public Loss compute(Model model, Batch batch, LossContext step) {
    Loss first = parts.get(0).of().compute(model, batch, step);
    if (!step.training()) {
      return first;
    }
    Loss out = scaled(first, parts.get(0).at(step));
    for (int i = 1; i < parts.size(); i++) {
      double strength = parts.get(i).at(step);
      if (strength > 0) {
        Loss part = scaled(parts.get(i).of().compute(model, batch, step), strength);
        out = beside(out, part, i + 1);
      }
    }
    return out;
  }

  private static Loss beside(Loss all, Loss part, int number) {
    Map<String, Double> scalars = new TreeMap<>(all.scalars());
    part.scalars().forEach((name, value) -> scalars.merge(name, value, Double::sum));
    scalars.put("part-" + number, part.sum().detach().item());
    return new Loss(all.sum().add(part.sum()), all.weight(), scalars, all.outputs());
  }

  private static Loss scaled(Loss loss, double strength) {
    return strength == 1 ? loss : loss.times(strength);
  }

  @Override
  public boolean isSumOverExamples() {
    return parts.stream().allMatch(p -> p.of().isSumOverExamples());
  }

  @Override
  public Passes passes() {
    return parts.stream().map(p -> p.of().passes()).reduce(Passes::plus).orElse(Passes.ONE);
  }
}
