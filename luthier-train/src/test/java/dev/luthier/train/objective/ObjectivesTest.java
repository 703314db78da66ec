package dev.luthier.train.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.data.batch.Batch;
import dev.luthier.data.batch.Targets;
import dev.luthier.model.Model;
import dev.luthier.model.Outputs;
import dev.luthier.model.Tokens;
import dev.luthier.model.nn.Init;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.tensor.io.TensorFile;
import dev.luthier.testing.Proves;
import dev.luthier.train.Loss;
import dev.luthier.train.Objective;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.StepContext;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ObjectivesTest {
  private static final StepContext STEP =
      new StepContext(0, 1, 0, 1, Rng.Key.of(0), new OptimizerState(Map.of()));

  /** A model that says what it is told to say. */
  private record Says(Parameter logits) implements Model {
    static Says of(Tensor logits) {
      Parameter p = new Parameter(Init.zeros(), logits.shape());
      p.set(logits, logits.dtype());
      return new Says(p);
    }

    @Override
    public Outputs forward(Tokens tokens, Pass pass) {
      return new Outputs(logits.value(), logits.value());
    }

    @Override
    public void parts(Parts parts) {
      parts.parameter("logits", logits);
    }
  }

  private static Batch batch(Targets targets, int rows) {
    int[] lengths = new int[rows];
    java.util.Arrays.fill(lengths, 1);
    return new Batch(
        new Tokens(Tensor.of(new long[rows], rows), new Segments(lengths, new long[rows])),
        targets,
        new int[rows],
        new long[rows]);
  }

  private static Path golden(String name) throws URISyntaxException {
    return Path.of(
        ObjectivesTest.class.getResource("/golden/losses/" + name + ".safetensors").toURI());
  }

  @ParameterizedTest
  @CsvSource({
    "cross-entropy, 0",
    "cross-entropy-smoothed, 0.1",
    "binary-cross-entropy, 0",
    "mean-squared-error, 0"
  })
  @Proves({"loss-mse", "reg-label-smoothing"})
  void value_weight_and_gradient_equal_the_reference(String name, double smoothing)
      throws Exception {
    try (Scope s = Scope.open();
        TensorFile file = TensorFile.open(golden(name))) {
      Says model = Says.of(file.tensor("logits"));
      Tensor labels = file.tensor("labels");
      int rows = (int) labels.size(0);
      Targets targets =
          name.startsWith("binary")
              ? new Targets.Flags(labels)
              : name.startsWith("mean")
                  ? new Targets.Scores(labels.reshape(-1))
                  : new Targets.Classes(labels);
      Objective objective =
          name.startsWith("mean") ? new MeanSquaredError() : new CrossEntropy(smoothing);
      Loss loss = objective.compute(model, batch(targets, rows), STEP);

      assertThat(loss.sum().item()).isCloseTo(file.tensor("loss_sum").item(), within(1e-4));
      assertThat(loss.weight()).isEqualTo(file.tensor("loss_weight").item());
      assertThat(loss.mean()).isCloseTo(file.tensor("loss").item(), within(1e-5));
      loss.sum().backward();
      Tensor gradient = model.logits().value().grad().div(loss.weight());
      assertThat(gradient.toDoubles())
          .containsExactly(file.tensor("grad.logits").toDoubles(), within(1e-6));
    }
  }

  @Test
  void smoothing_of_zero_is_plain_cross_entropy() {
    try (Scope s = Scope.open()) {
      Says model = Says.of(Rng.normal(Rng.Key.of(1), 0, 1, 4, 3));
      Batch b = batch(new Targets.Classes(Tensor.of(new long[] {0, 1, 2, 1}, 4)), 4);
      assertThat(new CrossEntropy(0).compute(model, b, STEP).mean())
          .isEqualTo(new CrossEntropy().compute(model, b, STEP).mean());
    }
  }

  @Test
  void distance_of_embeddings_is_zero_for_the_same_direction_and_four_for_the_opposite() {
    try (Scope s = Scope.open()) {
      Tensor hidden = Tensor.of(new float[] {3, 4, 0, 2}, 2, 2);
      Tensor teacher = Tensor.of(new float[] {6, 8, 0, -1}, 2, 2);
      Loss loss =
          new EmbeddingDistance()
              .compute(Says.of(hidden), batch(new Targets.Vectors(teacher), 2), STEP);
      assertThat(loss.sum().item()).isCloseTo(4, within(1e-5));
      assertThat(loss.weight()).isEqualTo(2);
    }
  }

  @Test
  void gradient_of_the_distance_of_embeddings_agrees_with_finite_differences() {
    try (Scope s = Scope.open()) {
      Tensor at = Rng.normal(Rng.Key.of(2), 0, 1, 3, 4).to(DType.F64);
      Targets targets = new Targets.Vectors(Rng.normal(Rng.Key.of(3), 0, 1, 3, 4).to(DType.F64));
      Objective distance = new EmbeddingDistance();
      Says model = Says.of(at);
      distance.compute(model, batch(targets, 3), STEP).sum().backward();
      double[] expected =
          Autograd.finiteDifferences(
              t -> distance.compute(Says.of(t), batch(targets, 3), STEP).sum().item(), at, 1e-6);
      assertThat(model.logits().value().grad().toDoubles()).containsExactly(expected, within(1e-6));
    }
  }

  @Test
  void targets_of_another_kind_are_refused_with_what_fits_them() {
    try (Scope s = Scope.open()) {
      Says model = Says.of(Tensor.ones(DType.F32, 2, 1));
      Batch numbers = batch(new Targets.Scores(Tensor.ones(DType.F32, 2)), 2);
      assertThatThrownBy(() -> new CrossEntropy().compute(model, numbers, STEP))
          .hasMessageContaining("for numbers use the objective mse");
    }
  }
}
