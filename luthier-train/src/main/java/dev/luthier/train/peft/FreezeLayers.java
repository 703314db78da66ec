package dev.luthier.train.peft;

import com.google.auto.service.AutoService;
import dev.luthier.model.Pretrained;
import dev.luthier.model.nn.Embedding;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Rng;
import dev.luthier.train.Adaptation;
import dev.luthier.train.Adapted;
import dev.luthier.train.Selector;
import dev.luthier.train.TrainingException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Freezes parts of the model; the rest stays as it is, trained unless it was frozen before. What is
 * frozen has no gradient and no optimizer state, and stays as it was to the bit. After another
 * adaptation it freezes parts of that too, for instance {@code lora_A}. Where the embeddings and
 * the lowest layers are frozen as a whole they run without dropout, unless {@code
 * train.memory.cache-frozen} is off; any other frozen part keeps its dropout.
 *
 * <p>A pattern is a name, for every part or parameter whose path is the name or ends with a dot and
 * the name, or {@code regex:} and an expression for whole paths. A part stands for everything in
 * it.
 *
 * @param embeddings whether the embedding tables are frozen, and the norm that stands beside them
 * @param lowest how many layers are frozen, from the input on
 * @param layers indices of further layers to freeze
 * @param patterns further parts to freeze
 * @param unfreeze parts that are left alone although something above says frozen
 */
@Technique(
    id = "freeze-unfreeze",
    key = "freeze",
    name = "Freezing and unfreezing layers",
    area = Area.ADAPTATION)
@AutoService(Adaptation.class)
public record FreezeLayers(
    boolean embeddings,
    int lowest,
    List<Integer> layers,
    List<String> patterns,
    List<String> unfreeze)
    implements Adaptation {

  /** The embeddings. */
  public FreezeLayers() {
    this(true, 0, List.of(), List.of(), List.of());
  }

  /** Checks the ranges. */
  public FreezeLayers {
    if (lowest < 0) {
      throw new IllegalArgumentException("lowest must be at least 0, not " + lowest);
    }
    layers = List.copyOf(layers);
    patterns = List.copyOf(patterns);
    unfreeze = List.copyOf(unfreeze);
    patterns.forEach(Selector::of);
    unfreeze.forEach(Selector::of);
    if (!embeddings && lowest == 0 && layers.isEmpty() && patterns.isEmpty()) {
      throw new IllegalArgumentException(
          "nothing is to be frozen; to train everything, choose full");
    }
  }

  @Override
  public Role role() {
    return Role.NARROWS;
  }

  @Override
  public Adapted apply(Pretrained base, Rng.Key key) {
    Anatomy anatomy = Anatomy.withAdapters(base);
    Set<String> frozen = frozen(anatomy);
    Set<Parameter> kept = Collections.newSetFromMap(new IdentityHashMap<>());
    frozen.forEach(n -> kept.add(anatomy.parameters().get(n)));
    if (anatomy.parameters().values().stream().allMatch(p -> !p.trainable() || kept.contains(p))) {
      throw new TrainingException("freeze: every parameter is frozen, so nothing can be learnt");
    }
    if (kept.stream().noneMatch(Parameter::trainable)) {
      throw new TrainingException(
          "freeze: nothing of what it picks is trained, so it would have no effect; leave it out, or"
              + " pick parts that are trained");
    }
    kept.forEach(p -> p.setTrainable(false));
    List<String> lines = new ArrayList<>();
    lines.add("partly frozen: " + Coverage.trainable(anatomy.root()));
    lines.add("frozen: " + String.join(", ", outermost(anatomy, frozen)));
    lines.addAll(newButFrozen(anatomy));
    return new InPlace(List.copyOf(lines));
  }

  private Set<String> frozen(Anatomy anatomy) {
    anatomy.requireLayers("layers", layers);
    if (lowest > anatomy.layers()) {
      throw new TrainingException(
          "lowest: " + lowest + " layers cannot be frozen; this model has " + anatomy.layers());
    }
    Set<String> out = new TreeSet<>(picked("patterns", patterns, anatomy));
    for (String name : anatomy.parameters().keySet()) {
      int layer = Anatomy.layer(name).orElse(Integer.MAX_VALUE);
      if (layer < lowest || layers.contains(layer)) {
        out.add(name);
      }
    }
    if (embeddings) {
      out.addAll(embeddingsOf(anatomy));
    }
    out.removeAll(picked("unfreeze", unfreeze, anatomy));
    return out;
  }

  private static Set<String> picked(String key, List<String> patterns, Anatomy anatomy) {
    Set<String> out = new TreeSet<>();
    for (String pattern : patterns) {
      Selector selector = Selector.of(pattern);
      List<String> names =
          anatomy.parameters().keySet().stream().filter(selector::picksWithin).toList();
      if (names.isEmpty()) {
        Set<String> paths = anatomy.parts();
        paths.addAll(anatomy.parameters().keySet());
        throw Anatomy.picksNothing(key, pattern, paths);
      }
      out.addAll(names);
    }
    return out;
  }

  /** The tables, and what else is in the part that holds them, if that holds no linear layer. */
  private static List<String> embeddingsOf(Anatomy anatomy) {
    List<String> out = new ArrayList<>();
    for (String table : Modules.all(anatomy.root(), Embedding.class).keySet()) {
      String part = table.contains(".") ? table.substring(0, table.lastIndexOf('.')) : "";
      boolean alone =
          !part.isEmpty()
              && anatomy.linears().keySet().stream().noneMatch(l -> l.startsWith(part + "."));
      out.addAll(anatomy.within(alone ? part : table));
    }
    return out;
  }

  /** The largest parts, or single parameters, that are frozen as a whole. */
  private static List<String> outermost(Anatomy anatomy, Set<String> frozen) {
    List<String> out = new ArrayList<>();
    for (String part : anatomy.parts()) {
      if (frozen.containsAll(anatomy.within(part))) {
        Anatomy.addOutermost(out, part);
      }
    }
    frozen.forEach(name -> Anatomy.addOutermost(out, name));
    return out;
  }

  /** A line where parameters that were drawn at random will stay so. */
  static List<String> newButFrozen(Anatomy anatomy) {
    List<String> names =
        anatomy.drawn().stream()
            .filter(
                n -> {
                  Parameter p = anatomy.parameters().get(n);
                  return p != null && !p.trainable();
                })
            .toList();
    return names.isEmpty()
        ? List.of()
        : List.of("new but frozen, so they stay as drawn: " + String.join(", ", names));
  }
}
