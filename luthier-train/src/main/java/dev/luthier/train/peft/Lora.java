package dev.luthier.train.peft;

import com.google.auto.service.AutoService;
import dev.luthier.model.Pretrained;
import dev.luthier.model.nn.Init;
import dev.luthier.model.nn.Modules;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Rng;
import dev.luthier.train.Adaptation;
import dev.luthier.train.Adapted;
import dev.luthier.train.Selector;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * LoRA: the weights of linear layers stay as they are, and each gets a trained update of low rank,
 *
 * <pre>
 *   W x + s B A x,    s = α / r,    or with rsLoRA    s = α / √r
 * </pre>
 *
 * A drawn, B zero. For a layer of {@code in} to {@code out} this trains r (in + out) numbers. A
 * head that is new to the task is trained in full.
 *
 * <p>Parts are selected by the rules of the PEFT library: a name stands for every part whose path
 * is the name or ends with a dot and the name; {@code regex:} and an expression for the paths that
 * match as a whole. A selector that matches nothing is an error.
 *
 * @param r rank of the updates
 * @param alpha α
 * @param dropout on the input of A, in [0, 1)
 * @param targets which linear layers: {@code all-linear} for those of the encoder's body, names, or
 *     expressions
 * @param exclude which of these not
 * @param rsLora whether the scale is α / √r, which keeps updates of high rank alive
 * @param bias which biases are trained too
 * @param modulesToSave parts that are trained in full and saved with the adapter, each name
 *     standing for every part whose path ends with it; null means the head, if it is new
 * @param layers indices of the layers to adapt; empty means all
 * @param rankPattern other ranks, by an expression for the end of the path; the first that matches,
 *     in alphabetical order, counts
 * @param alphaPattern other α, likewise
 * @param init how A is drawn
 * @see <a href="https://arxiv.org/abs/2106.09685">Hu et al. 2021</a>
 * @see <a href="https://arxiv.org/abs/2312.03732">Kalajdzievski 2023, rsLoRA</a>
 */
@Technique(
    id = "lora",
    name = "LoRA",
    area = Area.ADAPTATION,
    paper = "Hu et al. 2021, arXiv:2106.09685")
@AutoService(Adaptation.class)
public record Lora(
    int r,
    double alpha,
    double dropout,
    List<String> targets,
    List<String> exclude,
    boolean rsLora,
    Bias bias,
    @Nullable List<String> modulesToSave,
    List<Integer> layers,
    Map<String, Integer> rankPattern,
    Map<String, Double> alphaPattern,
    Start init)
    implements Adaptation {
  static final String ALL_LINEAR = "all-linear";

  /** Which biases are trained. */
  public enum Bias {
    /** None. */
    NONE,
    /** Those of the whole model. */
    ALL,
    /** Those of the adapted layers. */
    LORA_ONLY
  }

  /** How A is drawn. */
  public enum Start {
    /** Uniform in ±1/√in (He et al. 2015 with a = √5). */
    KAIMING,
    /** Normal with deviation 1/r. */
    GAUSSIAN;

    Init of(int rank) {
      return this == KAIMING ? Init.kaimingUniform() : Init.normal(1.0 / rank);
    }
  }

  /** Rank 8, α 16, every linear layer of the body. */
  public Lora() {
    this(8, 16);
  }

  /** Every linear layer of the body. */
  public Lora(int r, double alpha) {
    this(
        r,
        alpha,
        0,
        List.of(ALL_LINEAR),
        List.of(),
        false,
        Bias.NONE,
        null,
        List.of(),
        Map.of(),
        Map.of(),
        Start.KAIMING);
  }

  /** Checks the ranges. */
  public Lora {
    require(r > 0, "r must be above 0, not " + r);
    require(positive(alpha), "alpha must be above 0, not " + alpha);
    require(dropout >= 0 && dropout < 1, "dropout must be in [0, 1), not " + dropout);
    require(!targets.isEmpty(), "targets must name at least one layer, or be [all-linear]");
    targets = List.copyOf(targets);
    exclude = List.copyOf(exclude);
    targets.forEach(Selector::of);
    exclude.forEach(Selector::of);
    modulesToSave = modulesToSave == null ? null : List.copyOf(modulesToSave);
    layers = List.copyOf(layers);
    rankPattern = sorted(rankPattern);
    alphaPattern = sorted(alphaPattern);
    rankPattern.forEach((k, v) -> require(v > 0, "rank-pattern must be above 0, not " + v));
    alphaPattern.forEach((k, v) -> require(positive(v), "alpha-pattern must be above 0, not " + v));
  }

  @Override
  public Role role() {
    return Role.ADDS;
  }

  @Override
  public Adapted apply(Pretrained base, Rng.Key key) {
    LoraPlan plan = LoraPlan.ofRecipe(this, base);
    LoraAdapted adapted = LoraAdapted.declare(plan, base, null).attach();
    Modules.drawMissing(base.model(), key);
    return adapted;
  }

  /** The factor s of an update. */
  double scale(int rank, double siteAlpha) {
    return siteAlpha / (rsLora ? Math.sqrt(rank) : rank);
  }

  private static boolean positive(double x) {
    return x > 0 && Double.isFinite(x);
  }

  private static <V> Map<String, V> sorted(Map<String, V> patterns) {
    patterns.keySet().forEach(Selector::compile);
    return Collections.unmodifiableMap(new TreeMap<>(patterns));
  }

  private static void require(boolean ok, String message) {
    if (!ok) {
      throw new IllegalArgumentException(message);
    }
  }
}
