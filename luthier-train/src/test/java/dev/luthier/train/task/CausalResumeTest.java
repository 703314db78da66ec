package dev.luthier.train.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.data.Dataset;
import dev.luthier.data.Example;
import dev.luthier.data.Target;
import dev.luthier.data.batch.EncodedDataset;
import dev.luthier.data.length.LengthPolicy;
import dev.luthier.model.Head;
import dev.luthier.model.ModelConfig;
import dev.luthier.model.Pretrained;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.tokenizer.Tokenizer;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.testing.Proves;
import dev.luthier.train.Adaptation;
import dev.luthier.train.BatchOrder;
import dev.luthier.train.Float32;
import dev.luthier.train.Identity;
import dev.luthier.train.Listener;
import dev.luthier.train.Origin;
import dev.luthier.train.Precision;
import dev.luthier.train.TrainSpec;
import dev.luthier.train.TrainSpec.MemorySpec;
import dev.luthier.train.checkpoint.Checkpoints;
import dev.luthier.train.loop.AskedToStop;
import dev.luthier.train.loop.Trainer;
import dev.luthier.train.optim.AdamW;
import dev.luthier.train.peft.FullTuning;
import dev.luthier.train.peft.Lora;
import dev.luthier.train.precision.Bfloat16;
import dev.luthier.train.schedule.LinearSchedule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A tiny Llama learns sums; wherever its run is ended, it goes on to the same bits. */
class CausalResumeTest {
  private static final int STEPS = 20;
  private static final Tokenizer TOKENIZER =
      Tokenizer.load(Path.of("../luthier-data/src/test/resources/golden/causal/prefixed"));
  private static final CausalLanguageModelling TASK = new CausalLanguageModelling();
  private static final EncodedDataset DATA =
      TASK.encoder(TOKENIZER, 24, LengthPolicy.TRUNCATE_LEFT).encode(sums()).data();

  @TempDir private static Path base;
  @TempDir private Path folder;

  @BeforeAll
  static void makeTheBase() {
    ModelConfig config =
        ModelConfig.parse(
            """
            {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": 366,
             "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1,
             "num_attention_heads": 2, "num_key_value_heads": 1, "max_position_embeddings": 64,
             "tie_word_embeddings": true, "initializer_range": 0.2}
            """);
    Pretrained.random(config, TOKENIZER, new Head.CausalLanguageModel(), Rng.Key.of(2))
        .save(base, DType.F32);
  }

  private static Dataset sums() {
    return new Dataset(
        "sums",
        IntStream.range(0, 40)
            .mapToObj(
                i ->
                    new Example(
                        i + 1L,
                        "Question: What is %d plus %d?\nAnswer:".formatted(i / 8, i % 8),
                        null,
                        new Target.Completion(" " + (i / 8 + i % 8) + ".")))
            .toList());
  }

  private static Pretrained model(Adaptation adaptation) {
    Pretrained model = Pretrained.load(base, null, Rng.Key.of(2));
    adaptation.apply(model, Rng.Key.of(3));
    return model;
  }

  /** Sees every loss of a run that is asked to stop after a step. */
  private static final class Losses implements Listener {
    private final List<Double> seen = new ArrayList<>();
    private final List<Double> norms = new ArrayList<>();
    private final int last;

    Losses(int last) {
      this.last = last;
    }

    @Override
    public Wish stepped(StepReport step) {
      seen.add(step.loss());
      norms.add(step.gradientNorm());
      return Wish.NONE;
    }
  }

  private static Map<String, byte[]> run(Adaptation adaptation, Path at, Losses losses) {
    return run(adaptation, new MemorySpec(), at, losses);
  }

  private static Map<String, byte[]> run(
      Adaptation adaptation, MemorySpec memory, Path at, Losses losses) {
    return run(adaptation, spec(3, 1, memory), at, losses);
  }

  private static TrainSpec spec(Integer micro, double clip, MemorySpec memory) {
    return spec(micro, clip, new Float32(), memory);
  }

  private static TrainSpec spec(
      Integer micro, double clip, Precision precision, MemorySpec memory) {
    return new TrainSpec(
        4,
        null,
        8,
        micro,
        1,
        clip,
        BatchOrder.SIMILAR_LENGTH,
        null,
        null,
        1L,
        2,
        null,
        precision,
        memory);
  }

  private static Map<String, byte[]> run(
      Adaptation adaptation, TrainSpec spec, Path at, Losses losses) {
    Pretrained model = model(adaptation);
    var unused =
        AskedToStop.run(
            new Trainer.Setup(
                model.model(),
                TASK.objective(),
                new AdamW(0.05, 0.9, 0.999, 1e-8, 0.01),
                new LinearSchedule(),
                DATA,
                TASK.collator(List.of(), TOKENIZER),
                spec,
                List.of(losses),
                new Checkpoints(at, 2, new Identity("recipe", "data", "base"), w -> {}),
                null,
                Origin.of(Path.of(""))),
            losses.last);
    Map<String, byte[]> out = new TreeMap<>();
    Modules.parameters(model.model()).forEach((name, p) -> out.put(name, p.value().toBytes()));
    return out;
  }

  static Stream<Arguments> everyStep() {
    return Stream.of(new FullTuning(), new Lora(4, 8))
        .flatMap(a -> IntStream.range(1, STEPS).mapToObj(n -> Arguments.of(a, n)));
  }

  @ParameterizedTest(name = "{0}, ended after step {1}")
  @MethodSource("everyStep")
  @Proves("training-loop")
  void run_ended_at_any_step_and_resumed_has_bit_identical_weights(
      Adaptation adaptation, int step) {
    Map<String, byte[]> whole = run(adaptation, folder.resolve("whole"), new Losses(STEPS + 1));
    Losses first = new Losses(step);
    run(adaptation, folder.resolve("parts"), first);
    Losses second = new Losses(STEPS + 1);
    Map<String, byte[]> resumed = run(adaptation, folder.resolve("parts"), second);
    assertThat(first.seen.size() + second.seen.size()).isEqualTo(STEPS);
    assertThat(resumed.keySet()).isEqualTo(whole.keySet());
    whole.forEach(
        (name, bytes) -> assertThat(Arrays.equals(bytes, resumed.get(name))).as(name).isTrue());
  }

  static Stream<Arguments> someSteps() {
    return Stream.of(new FullTuning(), new Lora(4, 8))
        .flatMap(a -> IntStream.of(1, 4, 5, 13).mapToObj(n -> Arguments.of(a, n)));
  }

  @ParameterizedTest(name = "{0}, ended after step {1}")
  @MethodSource("someSteps")
  void run_that_recomputes_activations_has_the_same_bits_also_when_resumed(
      Adaptation adaptation, int step) {
    Map<String, byte[]> whole = run(adaptation, folder.resolve("whole"), new Losses(STEPS + 1));
    MemorySpec recomputing = new MemorySpec(true, true, false);
    run(adaptation, recomputing, folder.resolve("parts"), new Losses(step));
    Map<String, byte[]> resumed =
        run(adaptation, recomputing, folder.resolve("parts"), new Losses(STEPS + 1));
    whole.forEach(
        (name, bytes) -> assertThat(Arrays.equals(bytes, resumed.get(name))).as(name).isTrue());
  }

  @ParameterizedTest(name = "{0}, ended after step {1}")
  @MethodSource("someSteps")
  void run_that_updates_in_the_backward_pass_has_the_same_bits_also_when_resumed(
      Adaptation adaptation, int step) {
    Losses plain = new Losses(STEPS + 1);
    Map<String, byte[]> whole =
        run(adaptation, spec(null, 0, new MemorySpec()), folder.resolve("whole"), plain);
    for (boolean recomputing : new boolean[] {false, true}) {
      TrainSpec early = spec(null, 0, new MemorySpec(recomputing, true, true));
      Path at = folder.resolve("parts-" + recomputing);
      Losses first = new Losses(step);
      run(adaptation, early, at, first);
      Losses second = new Losses(STEPS + 1);
      Map<String, byte[]> resumed = run(adaptation, early, at, second);
      first.seen.addAll(second.seen);
      assertThat(first.seen).isEqualTo(plain.seen);
      assertThat(first.norms).isEqualTo(plain.norms.subList(0, step));
      whole.forEach(
          (name, bytes) -> assertThat(Arrays.equals(bytes, resumed.get(name))).as(name).isTrue());
    }
  }

  static Stream<Arguments> narrow() {
    return Stream.of(new FullTuning(), new Lora(4, 8))
        .flatMap(
            a -> Stream.of(true, false).map(masters -> Arguments.of(a, new Bfloat16(masters))));
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("narrow")
  void products_in_bfloat16_have_the_same_bits_with_less_memory(
      Adaptation adaptation, Precision precision) {
    TrainSpec kept = spec(null, 0, precision, new MemorySpec());
    TrainSpec small = spec(null, 0, precision, new MemorySpec(true, true, true));
    Map<String, byte[]> one = run(adaptation, kept, folder.resolve("a"), new Losses(STEPS + 1));
    Map<String, byte[]> two = run(adaptation, small, folder.resolve("b"), new Losses(STEPS + 1));
    one.forEach((name, bytes) -> assertThat(two.get(name)).as(name).isEqualTo(bytes));
  }

  @Test
  void loss_falls() {
    Losses losses = new Losses(STEPS + 1);
    run(new FullTuning(), folder, losses);
    assertThat(losses.seen).hasSize(STEPS);
    assertThat(losses.seen.get(STEPS - 1)).isLessThan(losses.seen.get(0) / 2);
  }
}
