package dev.luthier.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.RandomCase;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Optimizers without a library to compare with, beside plain ones in another language. */
class RandomSettingsTest {
  private static final Sgd PLAIN = new Sgd(0.1, 0, false, 0);

  @TestFactory
  Stream<DynamicTest> at_random_settings_the_steps_equal_those_of_a_plain_implementation() {
    return RandomCase.all("optimizers")
        .map(c -> DynamicTest.dynamicTest(c.toString(), () -> of(c)));
  }

  private static void of(RandomCase c) {
    try (Scope scope = Scope.open()) {
      double[] found =
          switch (c.name()) {
            case "lionar" -> trained(new LionAr(c.value("angle"), c.value("lr"), c.value("beta")));
            case "badam" -> trained(badam(c));
            case "mezo" ->
                probed(new MeZo(c.value("lr"), c.value("epsilon"), c.value("weight-decay")));
            case "sam" -> sharpened(new Sam(c.value("rho"), c.is("adaptive")), c);
            case "ema" -> averaged(new Ema(c.value("decay")));
            case "swa" -> averaged(new Swa(c.value("from"), c.count("every")));
            default -> throw new IllegalArgumentException(c.name());
          };
      double scale = Arrays.stream(c.expected()).map(Math::abs).max().orElseThrow();
      assertThat(found).containsExactly(c.expected(), within(3e-7 * Math.max(1, scale)));
    }
  }

  private static BAdam badam(RandomCase c) {
    String active = c.word("active");
    return new BAdam(
        c.value("lr"),
        c.count("steps"),
        BAdam.Order.valueOf(c.word("order")),
        active.isEmpty() ? List.of() : List.of(active),
        false,
        c.value("beta1"),
        c.value("beta2"),
        c.value("epsilon"),
        c.value("weight-decay"));
  }

  private static double[] trained(GradientTransform optimizer) {
    return values(Trial.of(DType.F64).steps(optimizer, Trial.STEPS));
  }

  private static double[] probed(MeZo mezo) {
    Trial trial = Trial.of(DType.F64);
    trial.batch = new QuadraticBatch(trial, 1);
    for (int n = 0; n < Trial.STEPS; n++) {
      trial.step(mezo, 1, Map.of());
    }
    return values(trial);
  }

  private static double[] sharpened(Sam sam, RandomCase c) {
    Trial trial = Trial.of(DType.F64);
    trial.batch = new QuadraticBatch(trial, c.value("curvature"));
    Chain chain = new Chain(List.of(sam, PLAIN));
    for (int n = 0; n < 5; n++) {
      Map<String, Tensor> own = new TreeMap<>();
      trial.copies().forEach((name, x) -> own.put(name, x.mul(c.value("curvature"))));
      trial.step(chain, 1, own);
    }
    return values(trial);
  }

  private static double[] averaged(GradientTransform average) {
    Chain chain = new Chain(List.of(PLAIN, average));
    Trial trial = Trial.of(DType.F64).steps(chain, Trial.STEPS);
    return joined(
        name ->
            Objects.requireNonNull(chain.evaluated(trial.parameters.get(name), trial.state))
                .toDoubles());
  }

  private static double[] values(Trial trial) {
    return joined(trial::value);
  }

  private static double[] joined(Function<String, double[]> of) {
    return Trial.NAMES.stream().map(of).flatMapToDouble(DoubleStream::of).toArray();
  }
}
