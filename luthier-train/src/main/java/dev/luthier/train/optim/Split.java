package dev.luthier.train.optim;

import com.google.auto.service.AutoService;
import dev.luthier.model.nn.Parameter;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Two optimizers, each for its part of the parameters. By default SGD for all but the norms and the
 * last layer, which get Adam: adaptivity there is what Adam gains over SGD most of, as the paper
 * finds.
 *
 * <pre>
 *   θ ← those(θ, g)       if the path of θ is picked
 *   θ ← others(θ, g)      else
 * </pre>
 *
 * Each knows of its own parameters alone: {@code badam} in one of them takes turns among those.
 *
 * <p>State: what the two keep for their parameters.
 *
 * <p>When to use it: to give heads, norms or tables of words another optimizer than the rest, and
 * to save Adam's state for all but those.
 *
 * @param on what picks: names of parts, or {@code regex:} and an expression of a whole path
 * @param those for the parameters that are picked
 * @param others for the rest
 * @see <a href="https://arxiv.org/abs/2407.07972">Zhao et al. 2024, section 4.2</a>
 */
@Technique(
    id = "opt-split",
    key = "split",
    name = "Different optimizers for different parameters",
    area = Area.OPTIMIZER,
    paper = "Zhao et al. 2024, arXiv:2407.07972")
@AutoService(GradientTransform.class)
public record Split(List<String> on, GradientTransform those, GradientTransform others)
    implements GradientTransform {
  /** Adam for norms and heads, SGD for the rest. */
  public Split() {
    this(
        List.of("regex:(?i).*(norm|classifier|score|head|pooler|decoder).*"),
        new Adam(),
        new Sgd());
  }

  /** Checks the selectors, and that each of the two can do with its part. */
  public Split {
    on = List.copyOf(on);
    Picks.atLeastOne("on", on);
    requirePart("those", those);
    requirePart("others", others);
  }

  private static void requirePart(String key, GradientTransform part) {
    OptimizerKeys.requireUpdate(key, part);
    if (part.needsAllGradients()) {
      throw new IllegalArgumentException(
          key
              + " must do with the gradients of its own part, and "
              + OptimizerKeys.name(part)
              + " looks at all; a link that does, such as clip-norm or sam, can stand before split"
              + " in a chain");
    }
  }

  @Override
  public void prepare(Gradients gradients, StepContext step) {
    Picks.of(on).requireEach("optimizer.split.on", step);
    those.prepare(gradients, picked(step));
    others.prepare(gradients, rest(step));
  }

  @Override
  public List<String> ahead(Collection<String> trained, long steps) {
    List<String> out = new ArrayList<>();
    out.addAll(those.ahead(trained.stream().filter(picks()).toList(), steps));
    out.addAll(others.ahead(trained.stream().filter(picks().negate()).toList(), steps));
    return out;
  }

  @Override
  public Predicate<Parameter> wanted(StepContext step) {
    Predicate<String> picks = picks();
    Predicate<Parameter> picked = those.wanted(picked(step));
    Predicate<Parameter> rest = others.wanted(rest(step));
    return p -> (picks.test(step.optimizer().name(p)) ? picked : rest).test(p);
  }

  @Override
  public boolean wantsConstantRate() {
    return those.wantsConstantRate() || others.wantsConstantRate();
  }

  /** The step as the one sees it that works on what is picked. */
  private StepContext picked(StepContext step) {
    return step.part(0).of(picks());
  }

  private StepContext rest(StepContext step) {
    return step.part(1).of(picks().negate());
  }

  /** Whether a path is picked. */
  private Predicate<String> picks() {
    return Picks.of(on)::holds;
  }

  @Override
  public void apply(ParameterGroup group, Gradients gradients, StepContext step) {
    Map<String, Parameter> picked = new LinkedHashMap<>();
    Map<String, Parameter> rest = new LinkedHashMap<>();
    Predicate<String> picks = picks();
    group.parameters().forEach((name, p) -> (picks.test(name) ? picked : rest).put(name, p));
    those.apply(group.with(picked), gradients, picked(step));
    others.apply(group.with(rest), gradients, rest(step));
  }

  @Override
  public @Nullable Tensor evaluated(Parameter p, OptimizerState state) {
    return picks().test(state.name(p))
        ? those.evaluated(p, state.part(0))
        : others.evaluated(p, state.part(1));
  }
}
