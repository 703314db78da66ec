package dev.luthier.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.StepContext;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Adam8BitTest extends OptimizerContract {
  @Override
  protected GradientTransform subject() {
    return new Adam8Bit();
  }

  @Override
  protected Map<String, GradientTransform> cases() {
    return Map.of("small-blocks", new Adam8Bit(1e-2, 0.9, 0.99, 1e-6, 0.1, 4, 1));
  }

  @Override
  protected Map<String, String> state() {
    return Map.of(
        "weight:mean",
        "F32[5, 3]",
        "weight:square",
        "F32[5, 3]",
        "bias:mean",
        "F32[5]",
        "bias:square",
        "F32[5]",
        "weight:count",
        "F32[]",
        "bias:count",
        "F32[]");
  }

  @Override
  protected double closeness() {
    return 2e-3; // a number near the middle of two codes may be rounded to the other
  }

  @Test
  void the_state_takes_a_quarter_of_adamw_s() {
    try (Scope scope = Scope.open()) {
      Map<String, Tensor> g = Map.of("p", Rng.normal(Rng.Key.of(1), 0, 1, 200, 100));
      Trial small = Trial.on(g).step(new Adam8Bit(), 1, g);
      Trial large = Trial.on(g).step(new AdamW(), 1, g);
      long blocks = (20000 + 255) / 256;
      assertThat(small.state.bytes()).isEqualTo(2 * blocks * 256 + 2 * blocks * 4 + 4);
      assertThat((double) small.state.bytes() / large.state.bytes()).isCloseTo(0.25, within(0.01));
      assertThat(small.kept("p:mean-codes").dtype()).isEqualTo(DType.U8);
      assertThat(small.kept("p:square-largest").dtype()).isEqualTo(DType.F32);
      double[] eight = small.value("p");
      assertThat(eight).containsExactly(large.value("p"), within(1e-6));
    }
  }

  @Test
  void numbers_come_back_within_the_distance_of_the_codes() {
    try (Scope scope = Scope.open()) {
      Map<String, Tensor> x = Map.of("p", Rng.normal(Rng.Key.of(2), 0, 1, 64, 8));
      Trial trial = Trial.on(x);
      StepContext step = new StepContext(0, 1, 0, 1, Rng.Key.of(0), trial.state);
      Tensor p = x.get("p");
      Codes codes = Codes.of(trial.parameters.get("p"), "x", CodeBook.of(true), 64, step);
      assertThat(codes.decoded(p).toDoubles()).containsOnly(0);
      codes.encode(p);
      double[] before = p.toDoubles();
      double[] after = codes.decoded(p).toDoubles();
      for (int i = 0; i < before.length; i++) {
        assertThat(after[i]).isCloseTo(before[i], within(0.04 * Math.abs(before[i]) + 0.03));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void each_number_gets_the_nearest_of_the_256(boolean signed) {
    try (Scope scope = Scope.open()) {
      CodeBook book = CodeBook.of(signed);
      double[] numbers = book.numbers().toDoubles();
      float[] x = everySize(signed, numbers);
      float[] codes = book.nearest(Tensor.of(x, x.length)).toFloats();
      for (int i = 0; i < x.length; i++) {
        double least = Double.POSITIVE_INFINITY;
        for (double number : numbers) {
          least = Math.min(least, Math.abs(number - x[i]));
        }
        double distance = Math.abs(numbers[(int) codes[i]] - x[i]);
        assertThat(distance)
            .as("%s as %s", x[i], codes[i])
            .isCloseTo(least, within(3e-7 * Math.abs(x[i])));
      }
      assertThat(numbers[book.zero()]).isZero();
    }
  }

  /** Random numbers of every decade, the codes and what lies halfway between, and the ends. */
  private static float[] everySize(boolean signed, double[] numbers) {
    Random random = new Random(3);
    float[] x = new float[20_000];
    for (int i = 0; i < x.length; i++) {
      double size = Math.pow(10, -9 * random.nextDouble());
      x[i] = (float) (signed && random.nextBoolean() ? -size : size);
    }
    for (int i = 0; i + 1 < numbers.length; i++) {
      x[2 * i] = (float) numbers[i];
      x[2 * i + 1] = (float) ((numbers[i] + numbers[i + 1]) / 2);
    }
    x[600] = 0;
    x[601] = 1;
    x[602] = signed ? -1 : Float.MIN_VALUE;
    x[603] = signed ? -0f : 0;
    return x;
  }

  @Test
  void matrices_of_fewer_elements_than_the_minimum_keep_their_moments_whole() {
    try (Scope scope = Scope.open()) {
      Trial at = Trial.of(DType.F32, "square").step(minimum(16));
      assertThat(at.state.tensors()).containsKey("square:mean-codes");
      Trial below = Trial.of(DType.F32, "square").step(minimum(17));
      assertThat(below.state.tensors()).containsKey("square:mean");
    }
  }

  private static Adam8Bit minimum(int elements) {
    return new Adam8Bit(1e-3, 0.9, 0.999, 1e-8, 0, 4, elements);
  }
}
