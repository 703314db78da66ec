package dev.luthier.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.luthier.model.Head;
import dev.luthier.model.ModelConfig;
import dev.luthier.model.Outputs;
import dev.luthier.model.Pretrained;
import dev.luthier.model.Tokens;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.ChildJvm;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.ResidentMemory;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Gradients;
import dev.luthier.train.Loss;
import dev.luthier.train.LossScale;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;
import dev.luthier.train.TrainSpec;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What forward and backward pass of a Llama of eight layers hold. Each case has a process. */
class StepMemoryTest {
  private static final String TOKENS = "4096";

  @BeforeEach
  void resident_memory_must_be_known() {
    assumeTrue(ResidentMemory.isKnown(), "resident memory can be measured on Linux only");
  }

  private static long peak(String... arguments) {
    ChildJvm.Result r =
        new ChildJvm()
            .option("-Xms64m", "-Xmx64m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC")
            .environment("MALLOC_MMAP_THRESHOLD_", "65536")
            .run(Step.class, arguments);
    assertThat(r.exit()).as(r.err()).isZero();
    return Long.parseLong(r.out().strip());
  }

  @Test
  void recomputed_layers_keep_little_more_than_their_inputs() {
    long kept = peak("all", "kept", "128", TOKENS);
    long recomputed = peak("all", "recomputed", "128", TOKENS);
    // Eight inputs, and what one layer keeps and passes on: measured 97 against 366 MB.
    assertThat(recomputed).isLessThan((long) (0.4 * kept));
  }

  @Test
  void what_is_frozen_below_costs_no_saved_activation() {
    long head = peak("head", "kept", "128", TOKENS);
    long all = peak("all", "kept", "128", TOKENS);
    // The outputs of the layers live until the step is done; inside one layer nothing is kept.
    assertThat(head).isLessThan(all / 3);
  }

  @Test
  void updates_in_the_backward_pass_leave_the_gradients_of_little_more_than_a_layer() {
    long gradients = 4 * 8 * (4 * 512 * 344 * 3 + 512 * 512 * 3);
    long after = peak("all", "kept", "512", "64");
    long within = peak("all", "early", "512", "64");
    assertThat(after).isGreaterThan(gradients);
    assertThat(after - within).isGreaterThan(gradients / 2);
  }

  /** One forward and backward pass, and an update. */
  static final class Step {
    public static void main(String[] args) {
      ModelConfig config =
          ModelConfig.parse(
              """
              {"model_type": "llama", "architectures": ["LlamaForSequenceClassification"],
               "vocab_size": 64, "hidden_size": %d, "intermediate_size": %d,
               "num_hidden_layers": 8, "num_attention_heads": 2, "num_key_value_heads": 1,
               "max_position_embeddings": 64, "num_labels": 2}
              """
                  .formatted(Integer.parseInt(args[2]), Integer.parseInt(args[2]) / 128 * 344));
      Head head = new Head.SequenceClassification(List.of("a", "b"));
      Pretrained model = Pretrained.random(config, null, head, Rng.Key.of(2));
      if (args[0].equals("head")) {
        Modules.parameters(model.model())
            .forEach((name, p) -> p.setTrainable(name.startsWith("score")));
      }
      Objects.requireNonNull(model.model().stack()).recompute(args[1].equals("recomputed"));
      Updates updates = args[1].equals("early") ? early(model) : (loss, step) -> late(model, loss);
      step(model, 1, updates);
      step(model, 1, updates);
      ResidentMemory.resetPeak();
      long before = ResidentMemory.now();
      step(model, Integer.parseInt(args[3]) / 32, updates);
      System.out.println(ResidentMemory.peak() - before);
    }

    private interface Updates {
      void run(Loss loss, StepContext step);
    }

    private static Updates early(Pretrained model) {
      List<ParameterGroup> groups = ParameterGroup.byShape(Modules.parameters(model.model()));
      TrainSpec whole = new TrainSpec();
      TrainSpec spec =
          new TrainSpec(
              1,
              null,
              1,
              null,
              0,
              0,
              whole.order(),
              null,
              null,
              null,
              1,
              null,
              whole.precision(),
              new TrainSpec.MemorySpec(false, true, true));
      UpdateInBackward early = new UpdateInBackward(spec, LossScale.NONE, Step::descend, groups);
      return (loss, step) -> early.backward(loss, step, List.of());
    }

    private static void late(Pretrained model, Loss loss) {
      loss.sum().backward();
      List<ParameterGroup> groups = ParameterGroup.byShape(Modules.parameters(model.model()));
      Gradients gradients = Gradients.collect(groups);
      groups.forEach(g -> descend(g, gradients, null));
      gradients.clear();
    }

    /** Gradient descent, which keeps nothing. */
    private static void descend(
        ParameterGroup group, Gradients gradients, @Nullable StepContext step) {
      try (Autograd.Guard off = Autograd.noGrad()) {
        for (Parameter p : group) {
          p.value().addInPlace(gradients.of(p), -1e-6);
        }
      }
    }

    private static void step(Pretrained model, int sequences, Updates updates) {
      StepContext step =
          new StepContext(0, 1, 0, 1, Rng.Key.of(1), new OptimizerState(java.util.Map.of()));
      try (Scope scope = Scope.open()) {
        int[] lengths = new int[sequences];
        java.util.Arrays.fill(lengths, 32);
        Segments segments = new Segments(lengths, new long[sequences]);
        Tokens tokens = new Tokens(Tensor.full(7, DType.I64, 32L * sequences), segments);
        Outputs out = model.model().forward(tokens, Pass.EVALUATION);
        updates.run(new Loss(out.requireLogits().sum(), sequences, out), step);
      }
    }
  }
}
