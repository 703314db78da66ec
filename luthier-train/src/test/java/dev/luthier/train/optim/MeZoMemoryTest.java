package dev.luthier.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.luthier.model.Head;
import dev.luthier.model.ModelConfig;
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
import dev.luthier.testing.Proves;
import dev.luthier.train.Gradients;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.Replay;
import dev.luthier.train.StepContext;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a step holds beside a model of 90 MB. */
class MeZoMemoryTest {
  private static final int SEQUENCES = 8;

  private static long peak(String what) {
    ChildJvm.Result r =
        new ChildJvm()
            .option("-Xms64m", "-Xmx64m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC")
            .environment("MALLOC_MMAP_THRESHOLD_", "65536")
            .run(Steps.class, what);
    assertThat(r.exit()).as(r.err()).isZero();
    return Long.parseLong(r.out().strip());
  }

  @Test
  @Proves("p-mezo")
  void a_step_needs_the_memory_of_inference_no_backward_pass_and_no_copy_of_a_parameter() {
    assumeTrue(ResidentMemory.isKnown(), "resident memory can be measured on Linux only");
    long inference = peak("inference");
    long step = peak("step");
    // The part of the direction that is being added has one megabyte, on the heap another.
    assertThat(step - inference).isLessThan(6 << 20);
  }

  /** A forward pass, or a step of two. */
  static final class Steps {
    public static void main(String[] args) {
      ModelConfig config =
          ModelConfig.parse(
              """
              {"model_type": "llama", "architectures": ["LlamaForSequenceClassification"],
               "vocab_size": 64, "hidden_size": 512, "intermediate_size": 1376,
               "num_hidden_layers": 8, "num_attention_heads": 2, "num_key_value_heads": 1,
               "max_position_embeddings": 64, "num_labels": 2}
              """);
      Head head = new Head.SequenceClassification(List.of("a", "b"));
      Pretrained model = Pretrained.random(config, null, head, Rng.Key.of(2));
      run(model, args[0], 1);
      run(model, args[0], 1);
      ResidentMemory.resetPeak();
      long before = ResidentMemory.now();
      run(model, args[0], SEQUENCES);
      System.out.println(ResidentMemory.peak() - before);
    }

    private static void run(Pretrained model, String what, int sequences) {
      Replay batch = new Forward(model, sequences);
      if (what.equals("inference")) {
        var unused = batch.loss();
        return;
      }
      Map<String, Parameter> all = Modules.parameters(model.model());
      StepContext step = new StepContext(0, 1, 0, 1, Rng.Key.of(1), new OptimizerState(all));
      MeZo mezo = new MeZo(1e-6, 1e-3, 0);
      try (Scope scope = Scope.open()) {
        mezo.prepare(Gradients.none(), step, batch);
        ParameterGroup.byShape(all).forEach(group -> mezo.apply(group, Gradients.none(), step));
      }
    }
  }

  /** The sum of the logits. */
  private record Forward(Pretrained model, int sequences) implements Replay {
    @Override
    public double loss() {
      try (Scope scope = Scope.open();
          Autograd.Guard off = Autograd.noGrad()) {
        int[] lengths = new int[sequences];
        java.util.Arrays.fill(lengths, 32);
        Segments segments = new Segments(lengths, new long[sequences]);
        Tokens tokens = new Tokens(Tensor.full(7, DType.I64, 32L * sequences), segments);
        return model.model().forward(tokens, Pass.EVALUATION).requireLogits().sum().item();
      }
    }

    @Override
    public Gradients gradients() {
      throw new AssertionError("MeZO makes no backward pass");
    }
  }
}
