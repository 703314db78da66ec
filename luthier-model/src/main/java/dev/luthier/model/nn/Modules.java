package dev.luthier.model.nn;

import dev.luthier.tensor.Rng;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/** Views of a module's tree by full name. */
public final class Modules {
  private Modules() {}

  /** All parameters, adapters included, by full name. A shared parameter appears once. */
  public static Map<String, Parameter> parameters(Module root) {
    Map<String, Parameter> out = new LinkedHashMap<>();
    Set<Parameter> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    walk(
        root,
        "",
        true,
        (name, p) -> {
          if (seen.add(p)) {
            out.put(name, p);
          }
        },
        (name, m) -> {});
    return out;
  }

  /** The parameters of the pre-trained architecture, without what adaptations have added. */
  public static Map<String, Parameter> ownParameters(Module root) {
    Map<String, Parameter> out = new LinkedHashMap<>();
    walk(root, "", false, out::put, (name, m) -> {});
    return out;
  }

  /** All parts of one kind by full name, in checkpoint order. */
  public static <M extends Module> Map<String, M> all(Module root, Class<M> kind) {
    Map<String, M> out = new LinkedHashMap<>();
    walk(
        root,
        "",
        false,
        (name, p) -> {},
        (name, m) -> {
          if (kind.isInstance(m)) {
            out.put(name, kind.cast(m));
          }
        });
    return out;
  }

  /** Draws every parameter that has no value yet, each from its own name. */
  public static void drawMissing(Module root, Rng.Key key) {
    parameters(root)
        .forEach(
            (name, p) -> {
              if (!p.hasValue()) {
                p.draw(key.with(name));
              }
            });
  }

  /** The number of elements of all parameters. */
  public static long count(Module root) {
    return parameters(root).values().stream().mapToLong(Parameter::count).sum();
  }

  /** The number of elements of the trainable parameters. */
  public static long countTrainable(Module root) {
    return parameters(root).values().stream()
        .filter(Parameter::trainable)
        .mapToLong(Parameter::count)
        .sum();
  }

  private static void walk(
      Module module,
      String prefix,
      boolean adapters,
      BiConsumer<String, Parameter> parameters,
      BiConsumer<String, Module> modules) {
    modules.accept(prefix, module);
    module.parts(
        new Module.Parts() {
          @Override
          public void parameter(String name, Parameter p) {
            parameters.accept(join(prefix, name), p);
          }

          @Override
          public void module(String name, Module m) {
            walk(m, join(prefix, name), adapters, parameters, modules);
          }

          @Override
          public void adapter(Module m) {
            if (adapters) {
              walk(m, prefix, true, parameters, modules);
            }
          }
        });
  }

  private static String join(String prefix, String name) {
    return prefix.isEmpty() ? name : name.isEmpty() ? prefix : prefix + "." + name;
  }
}
