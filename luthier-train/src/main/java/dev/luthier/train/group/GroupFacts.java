package dev.luthier.train.group;

import dev.luthier.model.nn.Parameter;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.optim.OptimizerKeys;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A group of parameters, for people.
 *
 * @param name of the group
 * @param tensors in it
 * @param parameters in it, each number counted
 * @param rateFactor what the learning rate is multiplied by
 * @param rate the peak learning rate, or null where the optimizer has none or several
 * @param decay the weight decay, or null where the optimizer has several; 0 where it has none
 */
public record GroupFacts(
    String name,
    int tensors,
    long parameters,
    double rateFactor,
    @Nullable Double rate,
    @Nullable Double decay) {

  /** The facts of some groups. */
  public static List<GroupFacts> of(List<ParameterGroup> groups, GradientTransform optimizer) {
    List<Double> rates = OptimizerKeys.rates(optimizer);
    List<Double> decays = OptimizerKeys.decays(optimizer);
    return groups.stream()
        .map(
            g ->
                new GroupFacts(
                    g.name(),
                    g.parameters().size(),
                    g.parameters().values().stream().mapToLong(Parameter::count).sum(),
                    g.rateFactor(),
                    rates.size() == 1 ? Double.valueOf(rates.get(0) * g.rateFactor()) : null,
                    decay(g, decays)))
        .toList();
  }

  private static @Nullable Double decay(ParameterGroup group, List<Double> decays) {
    List<Double> own = decays.stream().map(group::decay).distinct().toList();
    return own.isEmpty() ? Double.valueOf(0) : own.size() == 1 ? own.get(0) : null;
  }

  /** The rate and the decay in words. */
  public String words() {
    return (rate == null
            ? "learning rate times " + number(rateFactor)
            : "learning rate " + number(rate))
        + ", "
        + (decay == null
            ? "weight decay of several links"
            : decay == 0 ? "no weight decay" : "weight decay " + number(decay));
  }

  /** All of it on a line. */
  public String line() {
    return String.format(Locale.ROOT, "group '%s': %,d parameters, %s", name, parameters, words());
  }

  private static String number(double value) {
    return value == 0 || (value >= 1e-3 && value < 1e4)
        ? String.format(Locale.ROOT, "%.4g", value).replaceAll("\\.?0+$", "")
        : String.format(Locale.ROOT, "%.3e", value);
  }
}
