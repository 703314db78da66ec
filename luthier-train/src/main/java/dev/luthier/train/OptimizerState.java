package dev.luthier.train;

import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.Tensor;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** The tensors an optimizer keeps between steps, under names that a checkpoint can hold. */
public final class OptimizerState {
  private final Map<String, Parameter> parameters;
  private final Map<Parameter, String> names = new HashMap<>();
  private final TreeMap<String, Tensor> tensors = new TreeMap<>();

  /** An empty state for these parameters. */
  public OptimizerState(Map<String, Parameter> parameters) {
    this.parameters = Collections.unmodifiableMap(new TreeMap<>(parameters));
    parameters.forEach((name, p) -> names.put(p, name));
  }

  /** The full name of a parameter. */
  public String name(Parameter p) {
    String name = names.get(p);
    if (name == null) {
      throw new IllegalArgumentException("this parameter is not one of the optimizer's");
    }
    return name;
  }

  /** All parameters by full name. */
  public Map<String, Parameter> parameters() {
    return parameters;
  }

  /** A tensor kept for one parameter; made at first use. */
  public Tensor of(Parameter p, String what, Supplier<Tensor> first) {
    return shared(name(p) + ":" + what, first);
  }

  /** Whether a tensor is kept for a parameter under this name. */
  public boolean has(Parameter p, String what) {
    return tensors.containsKey(names.get(p) + ":" + what);
  }

  /** Keeps another tensor in place of one that is kept for a parameter. */
  public void replace(Parameter p, String what, Tensor with) {
    Tensor old = of(p, what, () -> with);
    if (old != with) {
      tensors.put(names.get(p) + ":" + what, with.keep());
      old.close();
    }
  }

  /** Lets go of everything that is kept for a parameter. */
  public void drop(Parameter p) {
    String prefix = name(p) + ":";
    tensors.tailMap(prefix).entrySet().stream()
        .takeWhile(e -> e.getKey().startsWith(prefix))
        .toList()
        .forEach(
            e -> {
              tensors.remove(e.getKey());
              e.getValue().close();
            });
  }

  /** A tensor kept under a name of its own; made at first use. */
  public Tensor shared(String name, Supplier<Tensor> first) {
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
