package dev.luthier.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Native memory neither grows nor is wasted. Each case has a process of its own. */
class MemoryTest {
  private static final long MB = 1_000_000;
  private static final Path GOLDEN = Path.of("src/test/resources/golden/forward-memory.json");

  @BeforeEach
  void resident_memory_must_be_known() {
    assumeTrue(ResidentMemory.isKnown(), "resident memory can be measured on Linux only");
  }

  private static ChildJvm process() {
    return new ChildJvm()
        .option("-Xms64m", "-Xmx64m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC")
        .option("-XX:ReservedCodeCacheSize=32m", "-XX:TieredStopAtLevel=1");
  }

  /** Bytes that the probe printed. */
  private static long measure(ChildJvm process, Class<?> probe, String... arguments) {
    return Long.parseLong(printed(process, probe, arguments));
  }

  private static String printed(ChildJvm process, Class<?> probe, String... arguments) {
    ChildJvm.Result r = process.run(probe, arguments);
    assertThat(r.exit()).as(r.err()).isZero();
    return r.out().strip();
  }

  @Test
  void two_thousand_training_steps_of_ever_new_lengths_do_not_grow_resident_memory() {
    String[] growth = printed(process(), Training.class).split(" ", 2);
    // The first steps meet most of the lengths, and keep kernels for as many as the bound allows.
    assertThat(Long.parseLong(growth[0])).isLessThan(200 * MB);
    assertThat(Long.parseLong(growth[1])).isLessThan(20 * MB);
  }

  @Test
  void twenty_thousand_custom_functions_do_not_grow_resident_memory() {
    assertThat(measure(process(), CustomFunctions.class)).isLessThan(20 * MB);
  }

  @Test
  void twenty_thousand_calls_through_the_dispatcher_do_not_grow_resident_memory() {
    assertThat(measure(process(), Dispatches.class)).isLessThan(20 * MB);
  }

  @Test
  void forward_pass_without_gradients_needs_little_more_than_in_pytorch() throws Exception {
    JsonNode golden = new ObjectMapper().readTree(GOLDEN.toFile());
    String[] sizes =
        List.of("batch", "length", "width", "heads", "inner", "layers").stream()
            .map(k -> golden.get(k).asText())
            .toArray(String[]::new);
    assertThat(measure(process(), Forward.class, sizes))
        .isLessThan((long) (1.3 * golden.get("peak_bytes").asLong()));
    ChildJvm frugal = process().environment("MALLOC_MMAP_THRESHOLD_", "65536");
    assertThat(measure(frugal, Forward.class, sizes))
        .isLessThan((long) (1.3 * golden.get("peak_bytes_without_hoarding").asLong()));
  }

  /** Trains a small language model, on texts of another length at each step. */
  static final class Training {
    private static final int LONGEST = 96;

    public static void main(String[] args) {
      Rng.Key key = Rng.Key.of(1);
      Block block = new Block(32, 2, 64, key);
      Tensor table = Rng.normal(key.with("table"), 0, 0.1, 50, 32).keep();
      List<Tensor> params = new ArrayList<>(block.parameters());
      params.add(table);
      List<Tensor> m = params.stream().map(p -> p.zerosLike().keep()).toList();
      List<Tensor> v = params.stream().map(p -> p.zerosLike().keep()).toList();
      List<Tensor> t = params.stream().map(p -> Tensor.zeros(DType.F32).keep()).toList();
      params.forEach(p -> p.requireGrad(true));
      Tensor[] weights = block.parameters().toArray(Tensor[]::new);
      long atFirst = 0;
      long later = 0;
      for (int step = 1; step <= 2000; step++) {
        try (Scope s = Scope.open()) {
          int n = step;
          int length = step == 1 ? LONGEST : 1 + key.with("length").below(step, LONGEST);
          Tensor ids = Rng.uniform(key.with(step), 0, 50, 4L * length).to(DType.I64);
          Tensor x = Functional.embedding(table, ids).view(4, length, 32);
          Tensor h = Autograd.checkpoint(block::call, block.call(x), weights);
          Tensor logits = Functional.linear(h.view(4L * length, 32), table, null);
          Functional.crossEntropySum(logits, ids, null, 0.1).backward();
          List<Tensor> g = params.stream().map(Tensor::grad).toList();
          t.forEach(c -> c.fill(n));
          Optim.fusedAdamW(params, g, m, v, t, 1e-3, 0.9, 0.999, 0.01, 1e-8);
          params.forEach(Tensor::clearGrad);
        }
        atFirst = step == 20 ? ResidentMemory.peak() : atFirst;
        later = step == 500 ? ResidentMemory.peak() : later;
      }
      long peak = ResidentMemory.peak();
      System.out.println((peak - atFirst) + " " + (peak - later));
    }
  }

  /** Applies a function of its own, forward and backward. */
  static final class CustomFunctions {
    public static void main(String[] args) {
      Autograd.Function square =
          new Autograd.Function() {
            @Override
            public Tensor forward(Tensor... in) {
              return in[0].mul(in[0]);
            }

            @Override
            public @Nullable Tensor[] backward(Tensor g, Tensor... in) {
              return new Tensor[] {g.mul(in[0]).mul(2)};
            }
          };
      Tensor x = Tensor.ones(DType.F32, 256).keep().requireGrad(true);
      long before = 0;
      for (int i = 0; i < 20_000; i++) {
        try (Scope s = Scope.open()) {
          Autograd.apply(square, x).sum().backward();
          x.clearGrad();
        }
        before = i == 5000 ? ResidentMemory.now() : before;
      }
      System.out.println(ResidentMemory.now() - before);
    }
  }

  /** Calls an operation by name. */
  static final class Dispatches {
    public static void main(String[] args) {
      Tensor x = Tensor.ones(DType.F32, 16, 16).keep();
      long before = 0;
      for (int i = 0; i < 20_000; i++) {
        try (Scope s = Scope.open()) {
          Dispatch.call("aten::cat", List.of(x, x, x), 1);
          Dispatch.call("aten::view", x, new long[] {256});
        }
        before = i == 5000 ? ResidentMemory.now() : before;
      }
      System.out.println(ResidentMemory.now() - before);
    }
  }

  /** Runs layers without recording. */
  static final class Forward {
    public static void main(String[] args) {
      int[] a = java.util.Arrays.stream(args).mapToInt(Integer::parseInt).toArray();
      List<Block> blocks = new ArrayList<>();
      for (int i = 0; i < a[5]; i++) {
        blocks.add(new Block(a[2], a[3], a[4], Rng.Key.of(i)));
      }
      try (Autograd.Guard off = Autograd.noGrad()) {
        pass(blocks, 1, 4, a[2]);
        ResidentMemory.resetPeak();
        long before = ResidentMemory.now();
        pass(blocks, a[0], a[1], a[2]);
        System.out.println(ResidentMemory.peak() - before);
      }
    }

    private static void pass(List<Block> blocks, int batch, int length, int width) {
      try (Scope all = Scope.open()) {
        Tensor x = Tensor.ones(DType.F32, batch, length, width);
        for (Block b : blocks) {
          Tensor in = x;
          x = b.call(in);
          in.close();
        }
      }
    }
  }
}
