package dev.luthier.train.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.data.Target;
import dev.luthier.data.batch.Batch;
import dev.luthier.data.batch.EncodedDataset;
import dev.luthier.data.batch.EncodedExample;
import dev.luthier.data.batch.Targets;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import dev.luthier.train.Beginning;
import dev.luthier.train.Loss;
import dev.luthier.train.Objective;
import dev.luthier.train.Origin;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ClassWeightsTest {
  private static final int ROWS = 240;
  private static final List<String> LABELS = List.of("often", "rare");

  /** One example in twelve is rare; the two classes overlap. */
  private static int label(int i) {
    return i % 12 == 0 ? 1 : 0;
  }

  private static EncodedDataset data() {
    List<EncodedExample> out = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      Target target = new Target.OneLabel(LABELS.get(label(i)));
      out.add(new EncodedExample(i, i + 1, new int[] {1}, null, new boolean[1], target));
    }
    return new EncodedDataset("toy", out, "toy");
  }

  private static Beginning beginning(Says model, EncodedDataset data) {
    return new Beginning(model, data, new Origin(Path.of(""), LABELS, null, Set.of()));
  }

  @Test
  void balanced_classes_count_by_the_inverse_of_their_frequency() {
    Says model = Says.of(Tensor.zeros(DType.F32, 1, 2));
    assertThat(new ClassWeights(true, Map.of("rare", 0.5)).of(beginning(model, data())))
        .containsExactly(240 / (2 * 220.0), 0.5 * 240 / (2 * 20.0));
  }

  @Test
  void balanced_classes_of_which_several_apply_count_as_much_where_they_do_as_where_not() {
    List<EncodedExample> examples = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      Target target = new Target.ManyLabels(i < 2 ? LABELS : List.of("often"));
      examples.add(new EncodedExample(i, i + 1, new int[] {1}, null, new boolean[1], target));
    }
    Says model = Says.of(Tensor.zeros(DType.F32, 1, 2));
    EncodedDataset data = new EncodedDataset("toy", examples, "toy");
    assertThat(new ClassWeights(true, Map.of()).of(beginning(model, data)))
        .containsExactly(0.0, 3.0);
  }

  @Test
  @Proves("imb-class-weight")
  void weights_by_label_or_frequency_give_the_weighted_mean_and_raise_recall_of_the_minority() {
    try (Scope s = Scope.open()) {
      Tensor logits = Tensor.of(new double[] {1, 2, 0.5, -1, 3, 0}, 3, 2);
      Targets targets = new Targets.Classes(Tensor.of(new int[] {1, 0, 0}));
      double[] log = logits.logSoftmax(-1).toDoubles();
      assertThat(mean(new ClassWeights(false, Map.of("rare", 4.0)), logits, targets))
          .isCloseTo(-(4 * log[1] + log[2] + log[4]) / 6, within(1e-12));
      double often = 240 / 440.0;
      assertThat(mean(new ClassWeights(true, Map.of()), logits, targets))
          .isCloseTo(-(6 * log[1] + often * (log[2] + log[4])) / (6 + 2 * often), within(1e-12));
    }
    double plain = recall(new ClassWeights());
    double balanced = recall(new ClassWeights(true, Map.of()));
    double manual = recall(new ClassWeights(false, Map.of("rare", 11.0)));
    assertThat(plain).isLessThan(0.5);
    assertThat(balanced).isGreaterThan(plain + 0.3);
    assertThat(manual).isGreaterThan(plain + 0.3);
  }

  private static double mean(ClassWeights weights, Tensor logits, Targets targets) {
    Says model = Says.of(logits);
    Objective objective = new CrossEntropy(0, weights).begin(beginning(model, data()));
    return objective.compute(model, Says.batch(targets, 3), GoldenLoss.STEP).mean();
  }

  /** The share of rare examples found after gradient descent on two overlapping clouds. */
  private static double recall(ClassWeights weights) {
    int[] ids = new int[ROWS];
    for (int i = 0; i < ROWS; i++) {
      ids[i] = label(i);
    }
    try (Scope s = Scope.open()) {
      Tensor side = Tensor.of(ids).to(DType.F64).unsqueeze(1);
      Tensor x =
          Tensor.cat(
              1,
              Rng.normal(Rng.Key.of(3), 0, 1, ROWS, 1).to(DType.F64).add(side.mul(1.5)),
              Tensor.ones(DType.F64, ROWS, 1));
      Tensor w = Tensor.zeros(DType.F64, 2, 2);
      Batch batch = Says.batch(new Targets.Classes(Tensor.of(ids)), ROWS);
      Objective objective = new CrossEntropy(0, weights).begin(beginning(Says.of(x), data()));
      for (int step = 0; step < 200; step++) {
        Says model = Says.of(x.matmul(w));
        Loss loss = objective.compute(model, batch, GoldenLoss.STEP);
        loss.sum().backward();
        try (Autograd.Guard off = Autograd.noGrad()) {
          Tensor g = x.transpose(0, 1).matmul(model.logits().value().grad());
          var unused = w.addInPlace(g, -0.5 / loss.weight());
        }
      }
      long[] found = x.matmul(w).argmax(1).toLongs();
      double hits = 0;
      for (int i = 0; i < ROWS; i++) {
        hits += label(i) * found[i];
      }
      return hits / (ROWS / 12.0);
    }
  }

  @Test
  void a_label_that_does_not_occur_is_refused_with_the_nearest_one() {
    Says model = Says.of(Tensor.zeros(DType.F32, 1, 2));
    assertThatThrownBy(
            () -> new ClassWeights(false, Map.of("rarer", 2.0)).of(beginning(model, data())))
        .hasMessageContaining("there is no class 'rarer' in the data; did you mean 'rare'?");
  }

  @Test
  void a_task_without_classes_is_refused() {
    Says model = Says.of(Tensor.zeros(DType.F32, 1, 2));
    Beginning none = new Beginning(model, data(), Origin.of(Path.of("")));
    assertThatThrownBy(() -> new ClassWeights(true, Map.of()).of(none))
        .hasMessageContaining("no classes");
  }
}
