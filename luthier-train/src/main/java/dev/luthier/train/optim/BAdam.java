package dev.luthier.train.optim;

import com.google.auto.service.AutoService;
import dev.luthier.model.nn.Parameter;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * BAdam: Adam on one block of the model at a time, a layer; only that block has moments. Every K
 * steps the next block has its turn, with moments that begin at zero.
 *
 * <pre>
 *   block = blocks of this round, ⌊step / K⌋
 *   θ ← AdamW(θ, g)          for the parameters of the block, t counted from its turn
 * </pre>
 *
 * A block is what lies under a numbered part of the model, or else beside one another: {@code
 * encoder.layer.0}, {@code embeddings.LayerNorm}, {@code classifier}. Gradients are computed for
 * the block alone, so that the backward pass ends there; with {@code
 * train.memory.update-in-backward} they are dropped as they come.
 *
 * <p>State: AdamW's, of the block whose turn it is, and, if shuffled, the number that the orders of
 * the rounds are drawn from, which follows from the seed.
 *
 * <p>When to use it: to train all weights where the gradients and moments of one layer fit and
 * those of all do not. A round takes K steps for each block, so plan at least some rounds: in a
 * shorter run most blocks never move.
 *
 * @param lr η, the peak learning rate
 * @param steps K, at least 1
 * @param order whether a round takes the blocks from the last to the first, the other way, or
 *     shuffled
 * @param beta1 decay of the mean, in [0, 1)
 * @param beta2 decay of the square, in [0, 1)
 * @param epsilon added to the denominator
 * @param weightDecay λ, at least 0, decoupled from the gradient
 * @see <a href="https://arxiv.org/abs/2404.02827">Luo et al. 2024, Algorithm 1</a>
 */
@Technique(
    id = "opt-badam",
    key = "badam",
    name = "BAdam, block coordinate Adam",
    area = Area.OPTIMIZER,
    paper = "Luo et al. 2024, arXiv:2404.02827")
@AutoService(GradientTransform.class)
public record BAdam(
    double lr,
    int steps,
    Order order,
    double beta1,
    double beta2,
    double epsilon,
    double weightDecay)
    implements GradientTransform {
  private static final Pattern NUMBERED = Pattern.compile("(?:.*?\\.)?\\d+(?=\\.)");

  /** How blocks take turns. */
  public enum Order {
    /** Shuffled anew in every round. */
    RANDOM,
    /** By name, layers by number. */
    ASCENDING,
    /** The other way. */
    DESCENDING
  }

  /** The paper's constants; the rate is one for fine-tuning. */
  public BAdam() {
    this(1e-4, 50, Order.RANDOM, 0.9, 0.999, 1e-8, 0.01);
  }

  /** Checks the ranges. */
  public BAdam {
    Ranges.positive("lr", lr);
    Ranges.atLeastOne("steps", steps);
    Ranges.decay("beta1", beta1);
    Ranges.decay("beta2", beta2);
    Ranges.positive("epsilon", epsilon);
    Ranges.notNegative("weight-decay", weightDecay);
  }

  @Override
  public Predicate<Parameter> wanted(StepContext step) {
    String turn = turn(step);
    return p -> block(step.optimizer().name(p)).equals(turn);
  }

  @Override
  public void prepare(Gradients gradients, StepContext step) {
    if (step.number() % steps == 0) {
      step.optimizer().parameters().values().stream()
          .filter(wanted(step).negate())
          .forEach(step.optimizer()::drop);
    }
  }

  @Override
  public void apply(ParameterGroup group, Gradients gradients, StepContext step) {
    double eta = group.rate(lr, step);
    double lambda = group.decay(weightDecay);
    AdamStep adam = new AdamStep(beta1, beta2, epsilon);
    Predicate<Parameter> moves = wanted(step);
    gradients.update(
        group,
        (p, g) -> {
          if (moves.test(p)) {
            adam.update(p, g, step, eta, lambda);
          }
        });
  }

  private String turn(StepContext step) {
    List<String> blocks =
        step.optimizer().parameters().keySet().stream()
            .map(BAdam::block)
            .distinct()
            .sorted(Comparator.comparingInt(String::length).thenComparing(s -> s))
            .toList();
    int n = blocks.size();
    long turns = step.number() / steps;
    int place = (int) (turns % n);
    return blocks.get(
        switch (order) {
          case ASCENDING -> place;
          case DESCENDING -> n - 1 - place;
          case RANDOM -> Rng.permutation(orders(step).with(turns / n), n)[place];
        });
  }

  /** Names the orders of the rounds: drawn at the first step, and kept. */
  private static Rng.Key orders(StepContext step) {
    long[] drawn = {step.key().with("badam").bits(0)};
    return new Rng.Key(step.optimizer().shared("orders", () -> Tensor.of(drawn, 1)).toLongs()[0]);
  }

  /** The block of a parameter. */
  static String block(String name) {
    Matcher numbered = NUMBERED.matcher(name);
    if (numbered.lookingAt()) {
      return numbered.group();
    }
    int end = name.lastIndexOf('.');
    return end < 0 ? name : name.substring(0, end);
  }
}
