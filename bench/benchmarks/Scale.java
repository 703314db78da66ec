import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.OperatingSystemMXBean;
import dev.luthier.data.batch.Batch;
import dev.luthier.data.batch.Targets;
import dev.luthier.model.Head;
import dev.luthier.model.Model;
import dev.luthier.model.ModelConfig;
import dev.luthier.model.Pretrained;
import dev.luthier.model.Tokens;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.Engine;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Gradients;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.LossContext;
import dev.luthier.train.StepContext;
import dev.luthier.train.objective.CrossEntropy;
import dev.luthier.train.optim.AdamW;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** How the cost of a step grows with batch, length, layers and vocabulary: a Llama, all weights trained. */
final class Scale {
  static final String ID = "scale";

  /** Steps whose median counts, after two that do not. */
  private static final int STEPS = 7;

  /** What grows, and to what. */
  enum Axis {
    BATCH(4, 8, 12, 16),
    LENGTH(64, 128, 192, 256),
    LAYERS(2, 4, 6, 8),
    VOCABULARY(8_000, 16_000, 24_000, 32_000);

    final int[] points;

    Axis(int... points) {
      this.points = points;
    }
  }

  private Scale() {}

  static List<ObjectNode> measure(int threads) {
    Engine.setThreads(threads);
    List<ObjectNode> out = new ArrayList<>();
    for (Axis axis : Axis.values()) {
      for (int point : axis.points) {
        int[] shape = {8, 128, 4, 8_000};
        shape[axis.ordinal()] = point;
        double milliseconds = step(shape[0], shape[1], shape[2], shape[3]);
        ObjectNode node =
            new ObjectMapper()
                .createObjectNode()
                .put("case", ID)
                .put("program", axis.name().toLowerCase(java.util.Locale.ROOT))
                .put("round", 0)
                .put("threads", threads)
                .put("point", point)
                .put("cpu_milliseconds", milliseconds);
        System.err.println(node);
        out.add(node);
      }
    }
    return out;
  }

  /** Processor milliseconds of a step. */
  private static double step(int batch, int length, int layers, int vocabulary) {
    ModelConfig config =
        ModelConfig.parse(
            """
            {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": %d,
             "hidden_size": 256, "intermediate_size": 704, "num_hidden_layers": %d,
             "num_attention_heads": 8, "num_key_value_heads": 4, "bos_token_id": 1,
             "eos_token_id": 2, "max_position_embeddings": 512, "tie_word_embeddings": true}
            """
                .formatted(vocabulary, layers));
    Model model = Pretrained.random(config, null, new Head.CausalLanguageModel(), Rng.Key.of(1)).model();
    var parameters = Modules.parameters(model);
    OptimizerState state = new OptimizerState(parameters);
    List<ParameterGroup> groups = ParameterGroup.byShape(parameters);
    var clock = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    double[] taken = new double[STEPS + 2];
    for (int n = 0; n < taken.length; n++) {
      long begun = clock.getProcessCpuTime();
      try (Scope scope = Scope.open()) {
        StepContext step = new StepContext(n, taken.length, 0, 1, Rng.Key.of(2).with(n), state);
        new CrossEntropy().compute(model, batch(batch, length, vocabulary, n), new LossContext(step)).sum().backward();
        Gradients gradients = Gradients.collect(groups).dividedBy(batch * length);
        groups.forEach(g -> new AdamW().apply(g, gradients, step));
        gradients.clear();
      }
      taken[n] = (clock.getProcessCpuTime() - begun) / 1e6;
    }
    state.tensors().values().forEach(Tensor::close);
    parameters.values().forEach(p -> p.value().close());
    double[] counted = Arrays.copyOfRange(taken, 2, taken.length);
    Arrays.sort(counted);
    return counted[STEPS / 2];
  }

  private static Batch batch(int sequences, int length, int vocabulary, int step) {
    Rng.Key key = Rng.Key.of(3).with(step);
    long[] ids = new long[sequences * length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = key.below(i, vocabulary);
    }
    int[] lengths = new int[sequences];
    Arrays.fill(lengths, length);
    long[] rows = LongStream.range(0, sequences).toArray();
    Tensor wanted = Tensor.of(LongStream.range(0, ids.length).toArray(), ids.length);
    Tensor tokens = Tensor.of(ids, ids.length);
    return new Batch(
        new Tokens(tokens, null, new Segments(lengths, rows), wanted),
        new Targets.Classes(tokens),
        new int[sequences],
        rows);
  }
}
