package dev.luthier.train.peft;

import dev.luthier.model.Pretrained;
import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Parameter;
import dev.luthier.train.Selector;
import dev.luthier.train.TrainingException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a {@link Lora} means for one model: which layers it adapts, what else it trains.
 *
 * @param lora what was asked for
 * @param anatomy of the model
 * @param sites the adapted layers, in the order of the checkpoint
 * @param saved the outermost parts that are trained in full
 * @param full their parameters by path
 * @param biases the biases that are trained beside them, by path
 */
record LoraPlan(
    Lora lora,
    Anatomy anatomy,
    List<Site> sites,
    List<String> saved,
    Map<String, Parameter> full,
    Map<String, Parameter> biases) {

  /**
   * A layer that is adapted.
   *
   * @param path where it is
   * @param rank of its update
   * @param alpha of its update
   */
  record Site(String path, Linear layer, int rank, double alpha) {}

  /**
   * A plan for training: every selector must pick something, and what is new must be trained.
   *
   * @throws TrainingException naming the selector and what it may have meant
   */
  static LoraPlan ofRecipe(Lora lora, Pretrained base) {
    Anatomy anatomy = Anatomy.of(base);
    anatomy.requireUnadapted("lora");
    requireNothingFrozen(anatomy);
    List<String> asked = lora.modulesToSave();
    List<String> saved = asked == null ? newHead(anatomy) : saved(anatomy, asked);
    LoraPlan plan = of(lora, anatomy, saved);
    plan.requireEverySelectorPicks(asked == null ? List.of() : asked);
    plan.requireNothingNewIsLost();
    return plan;
  }

  /**
   * A plan for an adapter that exists. PEFT itself does not mind selectors that pick nothing, so
   * they are allowed here; what the file holds decides whether the plan is right.
   */
  static LoraPlan ofFile(Lora lora, List<String> modulesToSave, Pretrained base) {
    Anatomy anatomy = Anatomy.of(base);
    anatomy.requireUnadapted("lora");
    LoraPlan plan = of(lora, anatomy, saved(anatomy, modulesToSave));
    plan.requireNothingNewIsLost();
    return plan;
  }

  private static LoraPlan of(Lora lora, Anatomy anatomy, List<String> saved) {
    Map<String, Parameter> full = new LinkedHashMap<>();
    for (String part : saved) {
      if (anatomy.isTied(part)) {
        throw new TrainingException(
            "modules-to-save: '"
                + part
                + "' shares a tensor with the rest of the model (tied embeddings), which would"
                + " change too; leave it out");
      }
      anatomy.within(part).forEach(n -> full.put(n, anatomy.parameters().get(n)));
    }
    List<Site> sites = sites(lora, anatomy, full.keySet());
    return new LoraPlan(lora, anatomy, sites, saved, full, biases(lora, anatomy, full, sites));
  }

  private static List<String> newHead(Anatomy anatomy) {
    return anatomy.head().stream().anyMatch(anatomy.drawn()::contains)
        ? anatomy.headParts()
        : List.of();
  }

  private static List<String> saved(Anatomy anatomy, List<String> names) {
    List<String> out = new ArrayList<>();
    for (String part : anatomy.parts()) {
      if (names.stream().anyMatch(part::endsWith)) {
        Anatomy.addOutermost(out, part);
      }
    }
    return out;
  }

  private static List<Site> sites(Lora lora, Anatomy anatomy, Collection<String> full) {
    anatomy.requireLayers("layers", lora.layers());
    Predicate<String> wanted = targets(lora, anatomy);
    List<Site> sites = new ArrayList<>();
    anatomy
        .linears()
        .forEach(
            (path, layer) -> {
              if (!full.contains(path + ".weight") && wanted.test(path)) {
                int rank = first(lora.rankPattern(), path, lora.r());
                sites.add(
                    new Site(path, layer, rank, first(lora.alphaPattern(), path, lora.alpha())));
              }
            });
    if (sites.isEmpty()) {
      throw new TrainingException(
          "no linear layer is left to adapt: targets "
              + lora.targets()
              + ", exclude "
              + lora.exclude()
              + ", layers "
              + lora.layers()
              + " pick none together. Linear layers: "
              + String.join(", ", anatomy.linears().keySet()));
    }
    return sites;
  }

  private static Predicate<String> targets(Lora lora, Anatomy anatomy) {
    List<Selector> exclude = lora.exclude().stream().map(Selector::of).toList();
    return path ->
        exclude.stream().noneMatch(s -> s.picks(path))
            && lora.targets().stream().anyMatch(t -> isTarget(t, path, anatomy))
            && (lora.layers().isEmpty()
                || Anatomy.layer(path).stream().anyMatch(lora.layers()::contains));
  }

  private static boolean isTarget(String target, String path, Anatomy anatomy) {
    return target.equals(Lora.ALL_LINEAR) ? !anatomy.inHead(path) : Selector.of(target).picks(path);
  }

  private static <V> V first(Map<String, V> patterns, String path, V preset) {
    return patterns.entrySet().stream()
        .filter(e -> isAtEnd(e.getKey(), path))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(preset);
  }

  private static boolean isAtEnd(String expression, String path) {
    Pattern end = Selector.compile("(.*\\.)?(" + expression + ")");
    return end.matcher(path).matches();
  }

  private static Map<String, Parameter> biases(
      Lora lora, Anatomy anatomy, Map<String, Parameter> full, List<Site> sites) {
    Map<String, Parameter> out = new LinkedHashMap<>();
    List<String> own = sites.stream().map(s -> s.path() + ".bias").toList();
    anatomy
        .parameters()
        .forEach(
            (path, p) -> {
              boolean bias = path.equals("bias") || path.endsWith(".bias");
              boolean wanted = lora.bias() == Lora.Bias.ALL ? bias : own.contains(path);
              boolean there = full.containsKey(path) || out.containsValue(p);
              if (lora.bias() != Lora.Bias.NONE && wanted && !there) {
                out.put(path, p);
              }
            });
    return out;
  }

  private void requireEverySelectorPicks(List<String> toSave) {
    Collection<String> linear = anatomy.linears().keySet();
    Stream.concat(lora.targets().stream(), lora.exclude().stream())
        .filter(t -> linear.stream().noneMatch(p -> isTarget(t, p, anatomy)))
        .findFirst()
        .ifPresent(
            t -> {
              String key = lora.targets().contains(t) ? "targets" : "exclude";
              throw Anatomy.picksNothing(key, t, linear);
            });
    for (String name : toSave) {
      if (anatomy.parts().stream().noneMatch(p -> p.endsWith(name))) {
        throw Anatomy.picksNothing("modules-to-save", name, anatomy.parts());
      }
    }
    List<String> adapted = sites.stream().map(Site::path).toList();
    requirePatterns("rank-pattern", lora.rankPattern().keySet(), adapted);
    requirePatterns("alpha-pattern", lora.alphaPattern().keySet(), adapted);
    for (int layer : lora.layers()) {
      if (adapted.stream().noneMatch(p -> Anatomy.layer(p).orElse(-1) == layer)) {
        throw new TrainingException("layers: layer " + layer + " has none of the targets");
      }
    }
  }

  private static void requirePatterns(
      String key, Collection<String> patterns, List<String> adapted) {
    for (String pattern : patterns) {
      if (adapted.stream().noneMatch(p -> isAtEnd(pattern, p))) {
        throw Anatomy.picksNothing(key, pattern, adapted);
      }
    }
  }

  private static void requireNothingFrozen(Anatomy anatomy) {
    anatomy
        .parameters()
        .forEach(
            (path, p) -> {
              if (!p.trainable()) {
                throw new TrainingException(
                    "lora: "
                        + path
                        + " was frozen before. LoRA freezes all but itself: leave the other"
                        + " adaptation out, and say where to adapt with targets, exclude and"
                        + " layers; or freeze parts of the adapter after it");
              }
            });
  }

  private void requireNothingNewIsLost() {
    List<String> lost =
        anatomy.drawn().stream()
            .filter(n -> !full.containsKey(n) && !biases.containsKey(n))
            .toList();
    if (!lost.isEmpty()) {
      throw new TrainingException(
          lost.get(0)
              + (lost.size() == 1 ? " is" : " and " + (lost.size() - 1) + " more are")
              + " new, drawn at random, and the adapter would neither train nor save them; add"
              + " their part to modules-to-save, or leave modules-to-save out to train the whole"
              + " head");
    }
  }
}
