package dev.luthier.train.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.data.batch.Batch;
import dev.luthier.data.batch.Targets;
import dev.luthier.model.Model;
import dev.luthier.model.Outputs;
import dev.luthier.model.Pooling;
import dev.luthier.model.Tokens;
import dev.luthier.model.nn.Pass;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import dev.luthier.train.Loss;
import dev.luthier.train.Objective;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Losses that compare the examples of a batch with each other. */
class BatchLossesTest {
  private static Loss of(Objective objective, Tensor says, int... classes) {
    return objective.compute(
        Says.of(says),
        Says.batch(new Targets.Classes(Tensor.of(classes)), classes.length),
        GoldenLoss.STEP);
  }

  @Test
  void pairs_equal_the_formula_of_the_paper() {
    GoldenLoss.agrees(
        "objectives/contrastive-pairs",
        Targets.Classes::new,
        w -> new ContrastivePairs(1.1, Pooling.Kind.MEAN, true));
  }

  @Test
  @Proves("loss-contrastive")
  void pairs_of_one_class_cost_their_squared_distance_and_others_what_they_lack_of_the_margin() {
    try (Scope s = Scope.open()) {
      Tensor at = Tensor.of(new double[] {0, 0, 3, 4, 0, 1}, 3, 2);
      Objective loss = new ContrastivePairs(2, Pooling.Kind.FIRST, false);
      // Distances: 5 of one class; 1 and √18 of different classes, the latter beyond the margin.
      assertThat(of(loss, at, 7, 7, 2).mean()).isCloseTo((25 + 1) / 3.0, within(1e-9));
      Says far = Says.of(Tensor.of(new double[] {0, 0, 30, 40}, 2, 2));
      Loss none =
          loss.compute(
              far,
              Says.batch(new Targets.Classes(Tensor.of(new int[] {0, 1})), 2),
              GoldenLoss.STEP);
      none.sum().backward();
      assertThat(none.sum().item()).isZero();
      assertThat(far.logits().value().grad().toDoubles()).containsOnly(0);
    }
  }

  @Test
  void triplets_equal_the_algorithm_of_the_paper() {
    GoldenLoss.agrees(
        "objectives/triplet",
        Targets.Classes::new,
        w -> new Triplet(0.9, Triplet.Mining.SEMI_HARD, Pooling.Kind.MEAN));
  }

  @Test
  @Proves("loss-triplet")
  void a_triplet_costs_what_the_negative_lacks_and_negatives_are_semi_hard_or_random() {
    long[] classes = {0, 0, 1, 1, 2};
    double[] d = {
      0, 0.3, 0.2, 0.4, 0.45, //
      0.3, 0, 0.1, 0.2, 0.25, //
      0.2, 0.1, 0, 0.5, 0.9, //
      0.4, 0.2, 0.5, 0, 0.55, //
      0.45, 0.25, 0.9, 0.55, 0
    };
    Triplet semi = new Triplet(0.2, Triplet.Mining.SEMI_HARD, Pooling.Kind.MEAN);
    assertThat(semi.mine(d, classes, Rng.Key.of(1)))
        .containsExactly(
            new Triplet.Places(0, 1, 3), // 0.4 is beyond 0.3 and nearer than 0.45
            new Triplet.Places(1, 0, 4), // none is beyond 0.3, so the farthest
            new Triplet.Places(2, 3, 4), // 0.9 is beyond the margin: none is semi-hard
            new Triplet.Places(3, 2, 4));
    Triplet random = new Triplet(0.2, Triplet.Mining.RANDOM, Pooling.Kind.MEAN);
    assertThat(random.mine(d, classes, Rng.Key.of(1)))
        .isEqualTo(random.mine(d, classes, Rng.Key.of(1)))
        .allMatch(t -> classes[t.anchor()] == classes[t.positive()])
        .allMatch(t -> classes[t.anchor()] != classes[t.negative()])
        .hasSize(4);
    assertThat(
            Arrays.stream(new long[] {1, 2, 3, 4, 5})
                .mapToObj(k -> random.mine(d, classes, Rng.Key.of(k)))
                .distinct())
        .hasSizeGreaterThan(1);
    try (Scope s = Scope.open()) {
      // Unit vectors: d(a, p) = 2, d(a, n) = 4 from one side; d(p, a) = 2, d(p, n) = 2.
      Tensor at = Tensor.of(new double[] {1, 0, 0, 1, -1, 0}, 3, 2);
      assertThat(of(semi, at, 0, 0, 1).mean()).isCloseTo((0 + 0.2) / 2, within(1e-9));
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_batch_without_a_second_text_of_any_class_teaches_nothing_and_says_so(
      Triplet.Mining mining) {
    try (Scope s = Scope.open()) {
      Loss loss =
          of(
              new Triplet(0.2, mining, Pooling.Kind.MEAN),
              Rng.normal(Rng.Key.of(1), 0, 1, 3, 4),
              0,
              1,
              2);
      assertThat(loss.sum().item()).isZero();
      assertThat(loss.scalars()).isEqualTo(Map.of("triplets", 0.0));
    }
  }

  @Test
  void supervised_contrast_equals_the_formula_of_the_paper() {
    GoldenLoss.agrees(
        "objectives/supervised-contrastive",
        Targets.Classes::new,
        w -> new SupervisedContrastive(0.3, Pooling.Kind.MEAN));
  }

  @Test
  @Proves("obj-contrastive-pretrain")
  void info_nce_is_symmetric_is_log_n_of_what_is_alike_and_falls_as_pairs_align() {
    try (Scope s = Scope.open()) {
      Tensor same = Tensor.ones(DType.F64, 5, 3);
      assertThat(views(same, same, 0.1)).isCloseTo(Math.log(5), within(1e-9));
      Tensor a = Rng.normal(Rng.Key.of(1), 0, 1, 5, 256).to(DType.F64);
      Tensor b = Rng.normal(Rng.Key.of(2), 0, 1, 5, 256).to(DType.F64);
      assertThat(views(a, b, 0.5)).isCloseTo(views(b, a, 0.5), within(1e-12));
      double before = Double.POSITIVE_INFINITY;
      for (double share : new double[] {0, 0.3, 0.6, 0.9, 1}) {
        double now = views(a, b.lerp(a, share), 0.5);
        assertThat(now).isLessThan(before);
        before = now;
      }
      assertThat(views(a, b, 1e6)).isCloseTo(Math.log(5), within(1e-5));
    }
  }

  /** The mean loss where the first pass says one thing and the second another. */
  private static double views(Tensor first, Tensor second, double temperature) {
    Model model =
        new Model() {
          private int passes;

          @Override
          public Outputs forward(Tokens tokens, Pass pass) {
            return new Outputs(passes++ == 0 ? first : second, null);
          }

          @Override
          public void parts(Parts parts) {}
        };
    Batch batch = Says.batch(new Targets.None(), (int) first.size(0));
    return new InfoNce(temperature, Pooling.Kind.MEAN)
        .compute(model, batch, GoldenLoss.STEP)
        .mean();
  }

  @Test
  void overlaps_equal_their_formulas() {
    GoldenLoss.agrees("objectives/dice-several", Targets.Flags::new, w -> new Dice(0.5));
    GoldenLoss.agrees("objectives/dice-classes", Targets.Classes::new, w -> new Dice(0.5));
    GoldenLoss.agrees("objectives/jaccard-several", Targets.Flags::new, w -> new Jaccard(0.5));
    GoldenLoss.agrees("objectives/jaccard-classes", Targets.Classes::new, w -> new Jaccard(0.5));
  }

  @Test
  @Proves({"loss-dice", "loss-jaccard"})
  void overlaps_cost_what_is_missing_and_nothing_where_all_is_right() {
    try (Scope s = Scope.open()) {
      Targets flags = new Targets.Flags(Tensor.of(new float[] {1, 0, 0, 1, 1, 0}, 2, 3));
      Tensor right = Tensor.of(new double[] {99, -99, -99, 99, 99, -99}, 2, 3);
      Tensor half = Tensor.zeros(DType.F64, 2, 3);
      // Half of everything: Σ A B = 1.5, Σ A = 3, Σ B = 3.
      assertThat(mean(new Dice(1e-9), half, flags)).isCloseTo(1 - 3 / 6.0, within(1e-6));
      assertThat(mean(new Jaccard(1e-9), half, flags)).isCloseTo(1 - 1.5 / 4.5, within(1e-6));
      assertThat(mean(new Dice(1), half, flags)).isCloseTo(1 - 4 / 7.0, within(1e-6));
      assertThat(mean(new Jaccard(1), half, flags)).isCloseTo(1 - 2.5 / 5.5, within(1e-6));
      assertThat(mean(new Dice(1), right, flags)).isCloseTo(0, within(1e-9));
      assertThat(mean(new Jaccard(1), right, flags)).isCloseTo(0, within(1e-9));
    }
  }

  @Test
  void overlaps_leave_out_what_is_not_to_be_learnt() {
    try (Scope s = Scope.open()) {
      Tensor says = Rng.normal(Rng.Key.of(1), 0, 1, 3, 4).to(DType.F64);
      Tensor two = says.indexSelect(0, Tensor.of(new int[] {0, 2}));
      for (Objective o : List.of(new Dice(0.5), new Jaccard(0.5))) {
        Loss some = of(o, says, 1, -100, 3);
        assertThat(some.mean()).isCloseTo(of(o, two, 1, 3).mean(), within(1e-12));
        assertThat(some.weight()).isEqualTo(2);
      }
    }
  }

  private static double mean(Objective objective, Tensor says, Targets targets) {
    return objective.compute(Says.of(says), Says.batch(targets, 2), GoldenLoss.STEP).mean();
  }
}
