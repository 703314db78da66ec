package dev.luthier.train.group;

import dev.luthier.model.LayerStack;
import dev.luthier.model.Model;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.GroupSpec;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.TrainingException;
import dev.luthier.train.optim.OptimizerKeys;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Divides the trained parameters of a model into groups: by the groups of a recipe, by the depth of
 * their layers, and by whether they decay. Each is in exactly one.
 *
 * <pre>
 *   rate of layer l = lr · ξ^(L + 1 - l),   l = 1 to L from the input on
 * </pre>
 *
 * <p>ξ is {@code layer-decay}. What is above the layers, such as a head or a last norm, has the
 * whole rate (l = L + 1), and the embeddings, below them, the least (l = 0). What an adaptation
 * adds to a layer belongs to it. Howard and Ruder take 1/2.6 for ξ; Clark et al. take 0.8 or 0.9 of
 * encoders, and count a step more between the head and the last layer.
 *
 * @see <a href="https://arxiv.org/abs/1801.06146">Howard and Ruder 2018, section 3.2</a>
 * @see <a href="https://arxiv.org/abs/2003.10555">Clark et al. 2020, appendix B</a>
 */
public final class Grouping {
  private final List<GroupSpec> specs;
  private final double layerDecay;
  private final GradientTransform optimizer;
  private final Map<Parameter, Integer> depths;
  private final int levels;

  private Grouping(
      List<GroupSpec> specs,
      double layerDecay,
      GradientTransform optimizer,
      Map<Parameter, Integer> depths,
      int levels) {
    this.specs = specs;
    this.layerDecay = layerDecay;
    this.optimizer = optimizer;
    this.depths = depths;
    this.levels = levels;
  }

  /**
   * The groups of a run.
   *
   * @param model with its adaptations applied
   * @param specs the groups of the recipe
   * @param layerDecay ξ, 1 for the same rate in all layers
   * @param optimizer whose rate and decay the groups differ from
   * @throws TrainingException if a parameter falls in two groups, a group holds none, or a group
   *     asks for what this optimizer or model cannot do
   * @throws IllegalArgumentException if nothing is trained
   */
  public static List<ParameterGroup> of(
      Model model, List<GroupSpec> specs, double layerDecay, GradientTransform optimizer) {
    Map<String, Parameter> trained = new TreeMap<>();
    Modules.parameters(model)
        .forEach(
            (name, p) -> {
              if (p.trainable()) {
                trained.put(name, p);
              }
            });
    if (specs.isEmpty() && layerDecay == 1) {
      return ParameterGroup.byShape(trained);
    }
    Membership.requireMatches(model, trained, specs);
    LayerStack stack = layerDecay == 1 ? null : stack(model);
    return new Grouping(
            specs,
            layerDecay,
            optimizer,
            stack == null ? Map.of() : stack.depths(),
            stack == null ? 0 : stack.layers() + 1)
        .divide(trained);
  }

  private static LayerStack stack(Model model) {
    LayerStack stack = model.stack();
    if (stack == null) {
      throw new TrainingException(
          "train.layer-decay: this model has no layers in a row; leave it out");
    }
    return stack;
  }

  /** What parameters of one group have in common; the first component orders the groups. */
  private record Kind(int spec, int depth, boolean matrix) {}

  private List<ParameterGroup> divide(Map<String, Parameter> trained) {
    Map<Kind, Map<String, Parameter>> members = new LinkedHashMap<>();
    trained.forEach(
        (name, p) -> {
          int spec = Membership.of(name, specs);
          int depth = depths.getOrDefault(p, levels);
          boolean together = spec >= 0 && specs.get(spec).weightDecay() != null;
          Kind kind = new Kind(spec, depth, together || ParameterGroup.decaysByDefault(p));
          members.computeIfAbsent(kind, k -> new LinkedHashMap<>()).put(name, p);
        });
    if (members.isEmpty()) {
      return ParameterGroup.byShape(trained);
    }
    List<ParameterGroup> out = new ArrayList<>();
    members.entrySet().stream()
        .sorted(
            (a, b) -> {
              int spec = Integer.compareUnsigned(a.getKey().spec(), b.getKey().spec());
              int depth = Integer.compare(b.getKey().depth(), a.getKey().depth());
              int shape = Boolean.compare(b.getKey().matrix(), a.getKey().matrix());
              return spec != 0 ? spec : depth != 0 ? depth : shape;
            })
        .forEach(e -> out.add(group(e.getKey(), e.getValue())));
    return out;
  }

  private ParameterGroup group(Kind kind, Map<String, Parameter> members) {
    GroupSpec spec = kind.spec() < 0 ? null : specs.get(kind.spec());
    Double decay = spec == null ? null : spec.weightDecay();
    if (spec != null && (decay != null || spec.weightDecayFactor() != 1)) {
      requireDecay(spec, decay);
    }
    double decayFactor =
        decay != null ? 1 : !kind.matrix() ? 0 : spec == null ? 1 : spec.weightDecayFactor();
    return new ParameterGroup(
        name(kind, spec), members, rateFactor(kind, spec), decay, decayFactor);
  }

  private double rateFactor(Kind kind, @Nullable GroupSpec spec) {
    Double lr = spec == null ? null : spec.lr();
    if (spec != null && lr != null) {
      return lr / peak(spec);
    }
    return (spec == null ? 1 : spec.lrFactor()) * Math.pow(layerDecay, levels - kind.depth());
  }

  private double peak(GroupSpec spec) {
    List<Double> rates = OptimizerKeys.rates(optimizer);
    if (rates.size() != 1) {
      throw new TrainingException(
          "train.groups, '"
              + spec.title()
              + "': "
              + (rates.isEmpty()
                  ? "the optimizer has no lr that one of its own could replace"
                  : "the optimizer's links have the rates " + rates + ", not one that lr replaces")
              + "; give lr-factor instead");
    }
    return rates.get(0);
  }

  private void requireDecay(GroupSpec spec, @Nullable Double own) {
    List<Double> decays = OptimizerKeys.decays(optimizer);
    if (decays.isEmpty()) {
      throw new TrainingException(
          "train.groups, '"
              + spec.title()
              + "': the optimizer has no weight-decay that could be changed; leave it out of the"
              + " group, or put a link `weight-decay` before the optimizer");
    }
    if (own != null && decays.size() > 1) {
      throw new TrainingException(
          "train.groups, '"
              + spec.title()
              + "': the optimizer's links have the weight decays "
              + decays
              + ", not one that weight-decay replaces; give weight-decay-factor instead");
    }
  }

  private String name(Kind kind, @Nullable GroupSpec spec) {
    List<String> words = new ArrayList<>();
    if (spec != null) {
      words.add(spec.title());
    }
    if (levels > 0) {
      words.add(
          kind.depth() == 0
              ? "embeddings"
              : kind.depth() == levels ? "above the layers" : "layer " + (kind.depth() - 1));
    }
    if (spec == null || spec.weightDecay() == null) {
      words.add(kind.matrix() ? "matrices" : "vectors");
    }
    return String.join(", ", words);
  }
}
