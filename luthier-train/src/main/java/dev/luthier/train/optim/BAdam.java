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
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;

/**
 * BAdam: Adam on one block of the model at a time, a layer, and all the time on a new head; only
 * these have moments. Every K steps the next block has its turn, with moments that begin at zero.
 *
 * <pre>
 *   block = blocks of this round, ⌊step / K⌋
 *   θ ← AdamW(θ, g)          for what is active and the parameters of the block, t counted from
 *                            the beginning of its turn
 * </pre>
 *
 * A block is what lies under a numbered part of the model, {@code encoder.layer.0}; in a model
 * without such, what lies beside one another. As the authors have it, what lies in no layer is left
 * as it is, but for what is active: heads, which are new. Gradients are computed for the block and
 * what is active alone, so that the backward pass ends there; with {@code
 * train.memory.update-in-backward} they are dropped as they come.
 *
 * <p>State: AdamW's, of the block whose turn it is and what is active, and, if shuffled, the number
 * that the orders of the rounds are drawn from, which follows from the seed.
 *
 * <p>When to use it: to train the layers where the gradients and moments of one fit and those of
 * all do not. A round takes K steps for each block, so plan at least some rounds. The authors take
 * the steps of an epoch by the number of blocks for K, within 50 and 100.
 *
 * @param lr η, the peak learning rate
 * @param steps K, at least 1
 * @param order whether a round takes the blocks from the last to the first, the other way, or
 *     shuffled
 * @param active what is trained at every step, such as new heads: names of parts, or {@code regex:}
 *     and an expression of a whole path; may pick nothing
 * @param rest whether what is in no layer takes turns too, embeddings as one block and what else
 *     there is as another
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
    List<String> active,
    boolean rest,
    double beta1,
    double beta2,
    double epsilon,
    double weightDecay)
    implements GradientTransform {
  /** The heads that tasks add to a pre-trained model. */
  private static final String HEADS =
      "regex:(.*[.])?(pooler|pre_classifier|classifier|qa_outputs|score)[.].*";

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
    this(1e-4, 50, Order.RANDOM, List.of(HEADS), false, 0.9, 0.999, 1e-8, 0.01);
  }

  /** Checks the ranges. */
  public BAdam {
    Ranges.positive("lr", lr);
    Ranges.atLeastOne("steps", steps);
    active = List.copyOf(active);
    Picks.of(active);
    Ranges.decay("beta1", beta1);
    Ranges.decay("beta2", beta2);
    Ranges.positive("epsilon", epsilon);
    Ranges.notNegative("weight-decay", weightDecay);
  }

  /** The blocks of some parameters. */
  private Blocks blocks(Collection<String> names) {
    Picks always = Picks.of(active);
    return Blocks.of(names.stream().filter(n -> !always.holds(n)).toList(), rest);
  }

  @Override
  public List<String> ahead(Collection<String> trained, long run) {
    int blocks = blocks(trained).names().size();
    long turns = (run + steps - 1) / steps;
    return turns >= blocks
        ? List.of()
        : List.of(
            "badam: %d of %d blocks have a turn, of %d steps each, in a run of %d; the others are not trained. %s"
                .formatted(
                    turns,
                    blocks,
                    steps,
                    run,
                    run < blocks
                        ? "A whole round takes a longer run"
                        : "For a whole round, set steps to at most " + run / blocks));
  }

  @Override
  public Predicate<Parameter> wanted(StepContext step) {
    Picks always = Picks.of(active);
    Blocks blocks = blocks(step.optimizer().parameters().keySet());
    String turn = turn(blocks.names(), step);
    return p -> {
      String name = step.optimizer().name(p);
      return always.holds(name) || turn.equals(blocks.ofParameter().get(name));
    };
  }

  @Override
  public void prepare(Gradients gradients, StepContext step) {
    if (step.number() % steps == 0) {
      step.optimizer().parameters().values().stream()
          .filter(wanted(step).negate())
          .forEach(p -> AdamStep.forget(p, step.optimizer()));
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
            if (step.number() % steps == 0) {
              AdamStep.forget(p, step.optimizer());
            }
            adam.update(p, g, step, eta, lambda);
          }
        });
  }

  /** The block whose turn it is; none, where there is no block. */
  private String turn(List<String> blocks, StepContext step) {
    if (blocks.isEmpty()) {
      return "";
    }
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
}
