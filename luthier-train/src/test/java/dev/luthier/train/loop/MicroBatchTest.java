package dev.luthier.train.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.data.batch.EncodedDataset;
import dev.luthier.data.batch.EncodedExample;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.testing.Proves;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.StepContext;
import dev.luthier.train.objective.CrossEntropy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** The gradient of a batch does not depend on how it is split, dropout included. */
class MicroBatchTest {
  private static final int EXAMPLES = 12;
  private static final EncodedDataset DATA = ToyModel.data(EXAMPLES);
  private static final LossContext STEP =
      new LossContext(new StepContext(3, 10, 0, 1, Rng.Key.of(8), new OptimizerState(Map.of())));

  @Property(tries = 60)
  @Proves("training-loop")
  void any_split_gives_the_same_gradient_in_float64(
      @ForAll @Size(value = EXAMPLES) List<@IntRange(min = 0, max = 4) Integer> parts) {
    assertSameGradient(parts, DType.F64, 1e-6);
  }

  @Property(tries = 60)
  @Proves("training-loop")
  void any_split_gives_the_same_gradient_in_float32(
      @ForAll @Size(value = EXAMPLES) List<@IntRange(min = 0, max = 4) Integer> parts) {
    assertSameGradient(parts, DType.F32, 1e-5);
  }

  private static void assertSameGradient(List<Integer> parts, DType type, double tolerance) {
    ToyModel model = new ToyModel(0.2, type);
    Map<String, double[]> whole = gradient(model, List.of(DATA.examples()));
    Map<Integer, List<EncodedExample>> split = new TreeMap<>();
    for (int i = 0; i < EXAMPLES; i++) {
      split.computeIfAbsent(parts.get(i), k -> new ArrayList<>()).add(DATA.examples().get(i));
    }
    Map<String, double[]> summed = gradient(model, List.copyOf(split.values()));
    whole.forEach(
        (name, expected) -> {
          double[] actual = summed.get(name);
          double error = 0;
          double norm = 0;
          for (int i = 0; i < expected.length; i++) {
            error += Math.pow(actual[i] - expected[i], 2);
            norm += expected[i] * expected[i];
          }
          // The key's bias has no gradient in exact arithmetic; what is there is rounding.
          if (Math.sqrt(norm) > 1e-4) {
            assertThat(Math.sqrt(error / norm)).as(name).isLessThan(tolerance);
          }
        });
  }

  private static Map<String, double[]> gradient(ToyModel model, List<List<EncodedExample>> parts) {
    Map<String, double[]> out = new TreeMap<>();
    try (Scope s = Scope.open()) {
      double weight = 0;
      for (List<EncodedExample> part : parts) {
        Loss loss =
            new CrossEntropy().compute(model, ToyModel.collator().collate(part, STEP.key()), STEP);
        loss.sum().backward();
        weight += loss.weight();
      }
      for (Map.Entry<String, Parameter> e : Modules.parameters(model).entrySet()) {
        out.put(e.getKey(), e.getValue().value().grad().div(weight).toDoubles());
        e.getValue().value().clearGrad();
      }
    }
    return out;
  }
}
