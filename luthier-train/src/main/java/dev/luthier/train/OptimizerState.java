package dev.luthier.train;

import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.Tensor;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The tensors an optimizer keeps between steps, under names that a checkpoint can hold. */
public final class OptimizerState {
  private final Map<String, Parameter> parameters;
  private final Map<Parameter, String> names;
  private final SortedMap<String, Tensor> tensors;

  /** What the names of this part's tensors begin with. */
  private final String prefix;

  /** The full names of the parameters that this part works on; null for all. */
  private final @Nullable Predicate<String> picks;

  /** An empty state for these parameters. */
  public OptimizerState(Map<String, Parameter> parameters) {
    this(
        Collections.unmodifiableMap(new TreeMap<>(parameters)),
        new HashMap<>(),
        new TreeMap<>(),
        "",
        null);
    parameters.forEach((name, p) -> names.put(p, name));
  }

  private OptimizerState(
      Map<String, Parameter> parameters,
      Map<Parameter, String> names,
      SortedMap<String, Tensor> tensors,
      String prefix,
      @Nullable Predicate<String> picks) {
    this.parameters = parameters;
    this.names = names;
    this.tensors = tensors;
    this.prefix = prefix;
    this.picks = picks;
  }

  /**
   * The tensors of one link of a chain. They are kept with all others, under names that no other
   * link's tensors can have.
   */
  public OptimizerState part(int link) {
    return new OptimizerState(parameters, names, tensors, prefix + link + ".", picks);
  }

  /** The same tensors, seen by who works on some of the parameters alone. */
  public OptimizerState of(Predicate<String> some) {
    Predicate<String> both = picks == null ? some : picks.and(some);
    return new OptimizerState(parameters, names, tensors, prefix, both);
  }

  /** The full name of a parameter. */
  public String name(Parameter p) {
    String name = names.get(p);
    if (name == null) {
      throw new IllegalArgumentException("this parameter is not one of the optimizer's");
    }
    return name;
  }

  /** The parameters by full name: all, or those that this part works on. */
  public Map<String, Parameter> parameters() {
    if (picks == null) {
      return parameters;
    }
    Map<String, Parameter> own = new TreeMap<>(parameters);
    own.keySet().removeIf(picks.negate());
    return Collections.unmodifiableMap(own);
  }

  /** A tensor kept for one parameter; made at first use. */
  public Tensor of(Parameter p, String what, Supplier<Tensor> first) {
    return kept(name(p, what), first);
  }

  /** A tensor kept for one parameter, or null if there is none yet. */
  public @Nullable Tensor find(Parameter p, String what) {
    return tensors.get(name(p, what));
  }

  /** Whether a tensor is kept for a parameter under this name. */
  public boolean has(Parameter p, String what) {
    return tensors.containsKey(name(p, what));
  }

  /** Keeps another tensor in place of one that is kept for a parameter. */
  public void replace(Parameter p, String what, Tensor with) {
    Tensor old = of(p, what, () -> with);
    if (old != with) {
      tensors.put(name(p, what), with.keep());
      old.close();
    }
  }

  /** Lets go of a tensor that is kept for a parameter, if there is one. */
  public void drop(Parameter p, String what) {
    Tensor kept = tensors.remove(name(p, what));
    if (kept != null) {
      kept.close();
    }
  }

  /** A tensor kept under a name of its own; made at first use. */
  public Tensor shared(String name, Supplier<Tensor> first) {
    return kept(prefix + name, first);
  }

  private String name(Parameter p, String what) {
    return name(p) + ":" + prefix + what;
  }

  private Tensor kept(String name, Supplier<Tensor> first) {
    Tensor t = tensors.get(name);
    if (t == null) {
      t = first.get().keep();
      tensors.put(name, t);
    }
    return t;
  }

  /** All tensors by name. */
  public Map<String, Tensor> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  /** Takes the tensors of a checkpoint in place of what is here. */
  public void restore(Map<String, Tensor> saved) {
    tensors.values().forEach(Tensor::close);
    tensors.clear();
    saved.forEach((name, t) -> tensors.put(name, t.copy().keep()));
  }

  /** Bytes of all tensors. */
  public long bytes() {
    return tensors.values().stream().mapToLong(Tensor::bytes).sum();
  }
}
