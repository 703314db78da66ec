package dev.luthier.train.frozen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.data.Target;
import dev.luthier.data.batch.EncodedDataset;
import dev.luthier.data.batch.EncodedExample;
import dev.luthier.data.batch.Ragged;
import dev.luthier.data.batch.Targets;
import dev.luthier.model.Head;
import dev.luthier.model.LayerStack;
import dev.luthier.model.Model;
import dev.luthier.model.ModelConfig;
import dev.luthier.model.Outputs;
import dev.luthier.model.Pretrained;
import dev.luthier.model.Tokens;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Pass;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Adaptation;
import dev.luthier.train.BatchOrder;
import dev.luthier.train.Float32;
import dev.luthier.train.Identity;
import dev.luthier.train.Origin;
import dev.luthier.train.TrainSpec;
import dev.luthier.train.TrainSpec.MemorySpec;
import dev.luthier.train.TrainingException;
import dev.luthier.train.checkpoint.Checkpoints;
import dev.luthier.train.loop.AskedToStop;
import dev.luthier.train.loop.Trainer;
import dev.luthier.train.objective.CrossEntropy;
import dev.luthier.train.optim.AdamW;
import dev.luthier.train.peft.FreezeLayers;
import dev.luthier.train.peft.LinearProbe;
import dev.luthier.train.peft.Lora;
import dev.luthier.train.schedule.LinearSchedule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrozenPrefixTest {
  private static final int STEPS = 12;
  private static final int CLASSES = 3;
  private static final EncodedDataset DATA = data(30);

  @TempDir private static Path base;
  @TempDir private Path folder;

  private static EncodedDataset data(int n) {
    Rng.Key key = Rng.Key.of(17);
    List<EncodedExample> out = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      Rng.Key own = key.with(i);
      int[] ids = IntStream.range(0, 2 + own.below(0, 9)).map(j -> own.below(j + 1, 40)).toArray();
      Target label = new Target.OneLabel(Integer.toString(ids[0] % CLASSES));
      out.add(new EncodedExample(i, i + 1, ids, null, new boolean[ids.length], label));
    }
    return new EncodedDataset("toy", out, "toy-" + n);
  }

  private static Targets classes(List<EncodedExample> examples) {
    return new Targets.Classes(
        Tensor.of(
            examples.stream()
                .map(e -> (Target.OneLabel) Objects.requireNonNull(e.target()))
                .mapToInt(t -> Integer.parseInt(t.label()))
                .toArray()));
  }

  /** A network of four layers. */
  private static Pretrained model(double dropout, Adaptation adaptation) {
    ModelConfig config =
        ModelConfig.parse(
            """
            {"model_type": "bert", "architectures": ["BertForSequenceClassification"],
             "vocab_size": 40, "hidden_size": 16, "intermediate_size": 40,
             "num_hidden_layers": 4, "num_attention_heads": 2, "max_position_embeddings": 64,
             "hidden_dropout_prob": %s, "attention_probs_dropout_prob": %s,
             "initializer_range": 0.3}
            """
                .formatted(dropout, dropout));
    Head head = new Head.SequenceClassification(List.of("0", "1", "2"));
    Path saved = base.resolve("dropout-" + dropout);
    if (!Files.exists(saved)) {
      Pretrained.random(config, null, head, Rng.Key.of(2)).save(saved, DType.F32);
    }
    Pretrained model = Pretrained.load(saved, head, Rng.Key.of(2));
    adaptation.apply(model, Rng.Key.of(3));
    return model;
  }

  private static Map<String, double[]> run(Model model, MemorySpec memory, Path at, int end) {
    TrainSpec spec =
        new TrainSpec(
            3,
            null,
            8,
            4,
            1,
            1,
            BatchOrder.SIMILAR_LENGTH,
            null,
            null,
            1L,
            2,
            null,
            new Float32(),
            memory);
    Ragged ragged = new Ragged(FrozenPrefixTest::classes);
    var unused =
        AskedToStop.run(
            new Trainer.Setup(
                model,
                new CrossEntropy(),
                new AdamW(0.01, 0.9, 0.999, 1e-8, 0.01),
                new LinearSchedule(),
                DATA,
                (examples, draws) -> ragged.collate(examples),
                spec,
                List.of(),
                new Checkpoints(at, 2, new Identity("recipe", "data", "base"), w -> {}),
                null,
                Origin.of(Path.of(""))),
            end);
    Map<String, double[]> out = new TreeMap<>();
    Modules.parameters(model).forEach((name, p) -> out.put(name, p.value().toDoubles()));
    return out;
  }

  static Stream<Adaptation> adaptations() {
    return Stream.of(
        new LinearProbe(), new FreezeLayers(true, 2, List.of(), List.of(), List.of()), upperLora());
  }

  /** LoRA on the two upper layers. */
  private static Adaptation upperLora() {
    Lora all = new Lora(2, 4);
    return new Lora(
        all.r(),
        all.alpha(),
        all.dropout(),
        all.targets(),
        all.exclude(),
        all.rsLora(),
        all.bias(),
        all.modulesToSave(),
        List.of(2, 3),
        all.rankPattern(),
        all.alphaPattern(),
        all.init());
  }

  static Stream<Adaptation> freezing() {
    return adaptations().limit(2);
  }

  @ParameterizedTest
  @MethodSource("adaptations")
  void weights_are_those_of_a_run_without_it_where_there_is_no_dropout(Adaptation adaptation) {
    Map<String, double[]> plain =
        run(
            model(0, adaptation).model(),
            new MemorySpec(false, false, false),
            folder.resolve("a"),
            STEPS);
    Map<String, double[]> cached =
        run(model(0, adaptation).model(), new MemorySpec(), folder.resolve("b"), STEPS);
    // The key's bias has no gradient in exact arithmetic; Adam makes much of the rounding.
    plain.keySet().removeIf(name -> name.endsWith("key.bias"));
    plain.forEach(
        (name, values) ->
            assertThat(cached.get(name)).as(name).containsExactly(values, within(1e-5)));
  }

  @ParameterizedTest
  @MethodSource("freezing")
  void frozen_layers_run_without_dropout_and_those_above_them_with_it(Adaptation adaptation) {
    try (Scope scope = Scope.open();
        FrozenPrefix prefix = prefix(4, FrozenPrefix.IN_MEMORY)) {
      Model model = model(0.4, adaptation).model();
      LayerStack stack = Objects.requireNonNull(model.stack());
      Tokens tokens = Ragged.tokens(Ragged.order(DATA.examples().subList(0, 8)));
      stack.replaceLowest(prefix);
      Outputs calm = model.forward(tokens, Pass.EVALUATION);
      Outputs drawn = model.forward(tokens, Pass.training(Rng.Key.of(1)));
      boolean all = stack.frozen() == 4;
      assertThat(drawn.hidden().sameAs(calm.hidden())).isEqualTo(all);
    }
  }

  @Test
  void run_ended_at_any_step_and_resumed_has_bit_identical_weights() {
    Adaptation half = new FreezeLayers(true, 2, List.of(), List.of(), List.of());
    Map<String, double[]> whole =
        run(model(0.2, half).model(), new MemorySpec(), folder.resolve("whole"), STEPS);
    for (int step = 1; step < STEPS; step++) {
      Path at = folder.resolve("ended-" + step);
      run(model(0.2, half).model(), new MemorySpec(), at, step);
      Map<String, double[]> resumed = run(model(0.2, half).model(), new MemorySpec(), at, STEPS);
      whole.forEach(
          (name, values) -> assertThat(Arrays.equals(values, resumed.get(name))).as(name).isTrue());
    }
  }

  private FrozenPrefix prefix(int layers, long inMemory) {
    List<EncodedExample> all = DATA.examples();
    List<List<EncodedExample>> company = List.of(all.subList(0, 11), all.subList(11, 30));
    return new FrozenPrefix(layers, all, company, folder, inMemory);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 5000, 1 << 20})
  void states_are_computed_once_and_are_the_same_from_memory_and_from_the_file(long inMemory)
      throws IOException {
    try (Scope scope = Scope.open();
        FrozenPrefix prefix = prefix(4, inMemory)) {
      Model model = model(0.2, new LinearProbe()).model();
      int[] computed = new int[1];
      LayerStack.Lowest compute =
          t -> {
            computed[0] += t.segments().count();
            return model.forward(t, Pass.EVALUATION).hidden().detach();
          };
      Tensor first = prefix.states(tokens(0, 11), compute);
      Tensor rest = prefix.states(tokens(11, 30), compute);
      assertThat(computed[0]).isEqualTo(30);
      assertThat(first.sameAs(model.forward(tokens(0, 11), Pass.EVALUATION).hidden())).isTrue();
      assertThat(rest.sameAs(model.forward(tokens(11, 30), Pass.EVALUATION).hidden())).isTrue();
      Tensor across = prefix.states(tokens(7, 15), compute);
      Tensor near = model.forward(tokens(7, 15), Pass.EVALUATION).hidden();
      assertThat(across.sub(near).abs().max().item()).isLessThan(1e-5);
      assertThat(computed[0]).isEqualTo(30);
      assertThat(prefix.bytes()).isEqualTo(4 * 16 * DATA.tokens());
    }
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).isEmpty();
    }
  }

  private static Tokens tokens(int from, int to) {
    return Ragged.tokens(Ragged.order(DATA.examples().subList(from, to)));
  }

  @Test
  void tokens_that_are_not_those_of_the_examples_are_computed_and_not_kept() {
    try (Scope scope = Scope.open();
        FrozenPrefix prefix = prefix(2, 1 << 20)) {
      Tokens known = tokens(0, 4);
      long[] ids = known.ids().toLongs();
      ids[3] = (ids[3] + 1) % 40;
      Tokens masked =
          new Tokens(Tensor.of(ids, ids.length), null, known.segments(), known.wanted());
      Tensor own = Tensor.of(new float[] {1}, 1, 1);
      assertThat(prefix.states(masked, t -> own)).isSameAs(own);
      assertThat(prefix.bytes()).isZero();
    }
  }

  @Test
  void layers_that_are_trained_again_are_run() {
    try (Scope scope = Scope.open();
        FrozenPrefix prefix = prefix(2, 1 << 20)) {
      Adaptation half = new FreezeLayers(true, 2, List.of(), List.of(), List.of());
      Model model = model(0, half).model();
      LayerStack stack = Objects.requireNonNull(model.stack());
      stack.replaceLowest(prefix);
      Modules.parameters(model).values().forEach(p -> p.setTrainable(true));
      assertThat(stack.frozen()).isZero();
      model.forward(tokens(0, 4), Pass.training(Rng.Key.of(1))).requireLogits().sum().backward();
      assertThat(prefix.bytes()).isZero();
      Modules.parameters(model)
          .forEach((name, p) -> assertThat(p.value().grad()).as(name).isNotNull());
    }
  }

  @Test
  void folder_that_cannot_be_written_to_is_named_with_the_key() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    try (Scope scope = Scope.open();
        StateStore store = new StateStore(1, file.resolve("below"), 0)) {
      Tensor states = Tensor.of(new float[] {1, 2}, 1, 2);
      assertThatThrownBy(() -> store.put(new int[] {0}, new int[] {1}, states))
          .isInstanceOf(TrainingException.class)
          .hasMessageContaining("train.memory.cache-frozen")
          .hasMessageContaining("below");
    }
  }
}
