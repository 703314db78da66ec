package dev.luthier.train.regularizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.data.batch.Batch;
import dev.luthier.data.batch.Collator;
import dev.luthier.data.batch.EncodedDataset;
import dev.luthier.data.batch.EncodedExample;
import dev.luthier.data.batch.Targets;
import dev.luthier.model.Head;
import dev.luthier.model.Outputs;
import dev.luthier.model.Pretrained;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.tokenizer.Tokenizer;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import dev.luthier.train.Beginning;
import dev.luthier.train.Gradients;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.Objective;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.Origin;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;
import dev.luthier.train.loop.ToyModel;
import dev.luthier.train.objective.CrossEntropy;
import dev.luthier.train.optim.AdamW;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DistillationTest extends WrapperContract {
  private static final List<String> LABELS = List.of("0", "1", "2");

  @TempDir private Path folder;
  private Pretrained teacher;

  @BeforeEach
  void saveTheTeacher() throws URISyntaxException, IOException {
    Path base = Path.of(DistillationTest.class.getResource("/golden/lora/base-bert").toURI());
    teacher = Pretrained.load(base, new Head.SequenceClassification(LABELS), Rng.Key.of(4));
    teacher.save(folder.resolve("teacher/model"), DType.F32);
    Path config = folder.resolve("teacher/model/config.json"); // dropout, which it must not use
    Files.writeString(
        config, Files.readString(config).replaceAll("(dropout[a-z_]*\": )0.0", "$10.3"));
  }

  private Distillation taught(double alpha, double hidden, Objective of) {
    return new Distillation(folder.resolve("teacher"), 3, alpha, hidden, of);
  }

  @Override
  protected Objective around(Objective of) {
    return taught(0.4, 0, of);
  }

  /** The teacher computes in float32. */
  @Override
  protected double rounding() {
    return 1e-5;
  }

  @Override
  protected Objective off(Objective of) {
    return taught(0, 0, of);
  }

  private static Beginning beginning(Pretrained student, Origin origin) {
    return new Beginning(student.model(), new EncodedDataset("none", List.of(), "none"), origin);
  }

  private Origin origin(List<String> labels, Tokenizer tokenizer) {
    return new Origin(folder, labels, tokenizer, Set.of());
  }

  @Test
  void it_mixes_the_truth_with_the_softened_answers_and_the_hidden_states_of_the_teacher() {
    Pretrained student = teacher.withHead(new Head.SequenceClassification(LABELS), Rng.Key.of(9));
    Objective objective =
        new Distillation(Path.of("teacher"), 3, 0.4, 0.7, new CrossEntropy())
            .begin(beginning(student, origin(LABELS, null)));
    Batch batch = batch();
    LossContext step = step(model(DType.F32));
    try (Scope s = Scope.open()) {
      Loss loss = objective.compute(student.model(), batch, step);
      Outputs t = teacher.model().answer(batch.tokens(), Pass.EVALUATION);
      Outputs own = student.model().answer(batch.tokens(), step.pass());
      Tensor truth = ((Targets.Classes) batch.targets()).ids();
      double ce = Functional.crossEntropySum(own.requireLogits(), truth, null, 0).item();
      double[] p = t.requireLogits().div(3).softmax(-1).toDoubles();
      double[] log = t.requireLogits().div(3).logSoftmax(-1).toDoubles();
      double[] q = own.requireLogits().div(3).logSoftmax(-1).toDoubles();
      double kl = 0;
      for (int i = 0; i < p.length; i++) {
        kl += p[i] * (log[i] - q[i]);
      }
      double turned = EXAMPLES;
      double[] a = t.hidden().toDoubles();
      double[] b = own.hidden().toDoubles();
      int width = a.length / EXAMPLES;
      for (int r = 0; r < EXAMPLES; r++) {
        double dot = 0;
        double aa = 0;
        double bb = 0;
        for (int i = r * width; i < (r + 1) * width; i++) {
          dot += a[i] * b[i];
          aa += a[i] * a[i];
          bb += b[i] * b[i];
        }
        turned -= dot / Math.sqrt(aa * bb);
      }
      assertThat(loss.scalars().get("distillation")).isCloseTo(0.4 * 9 * kl, within(1e-3));
      assertThat(loss.scalars().get("hidden")).isCloseTo(0.7 * turned, within(1e-4));
      assertThat(loss.sum().item()).isCloseTo(0.4 * 9 * kl + 0.6 * ce + 0.7 * turned, within(1e-3));
      loss.sum().backward();
      assertThat(loss.sum().isFinite()).isTrue();
    }
  }

  @Test
  void a_teacher_with_other_labels_or_another_tokenizer_or_no_model_is_refused()
      throws IOException {
    Distillation objective = taught(0.5, 0, new CrossEntropy());
    assertThatThrownBy(
            () -> objective.begin(beginning(teacher, origin(List.of("0", "2", "1"), null))))
        .hasMessageContaining("has the labels [0, 1, 2], and this run has [0, 2, 1]");
    assertThatThrownBy(() -> new Distillation().begin(beginning(teacher, origin(LABELS, null))))
        .hasMessageContaining("teacher is missing");
    Files.createDirectories(folder.resolve("run/adapter"));
    assertThatThrownBy(
            () ->
                new Distillation(Path.of("run"), 2, 0.5, 0, new CrossEntropy())
                    .begin(beginning(teacher, origin(LABELS, null))))
        .hasMessageContaining("holds an adapter; a teacher must be a whole model");
  }

  @Test
  void a_teacher_that_reads_other_words_is_refused() throws Exception {
    Path words = tokenizer("wordpiece");
    Files.copy(words.resolve("tokenizer.json"), folder.resolve("teacher/model/tokenizer.json"));
    Distillation objective = taught(0.5, 0, new CrossEntropy());
    Beginning same = beginning(teacher, origin(LABELS, Tokenizer.load(words)));
    assertThat(objective.begin(same)).isNotNull();
    Tokenizer other = Tokenizer.load(tokenizer("byte-level-bpe"));
    assertThatThrownBy(() -> objective.begin(beginning(teacher, origin(LABELS, other))))
        .hasMessageContaining("another tokenizer than the model that is trained");
  }

  private static Path tokenizer(String name) {
    return Path.of("../luthier-model/src/test/resources/golden/tokenizers", name);
  }

  @Test
  void hidden_states_of_another_width_are_refused() {
    ToyModel student = model(DType.F32);
    Objective objective = begun(taught(0.5, 1, new CrossEntropy()), student);
    assertThatThrownBy(() -> objective.compute(student, batch(), step(student)))
        .hasMessageContaining("16 wide and those of the student 8");
  }

  @Test
  @Proves("kd")
  void a_student_of_wrong_labels_does_better_with_a_teacher_than_alone() {
    List<EncodedExample> all = ToyModel.data(200).examples();
    Pretrained expert = fresh(1);
    train(expert, new CrossEntropy(), all.subList(0, 120), ToyModel.collator());
    expert.save(folder.resolve("expert"), DType.F32);
    Collator often = ToyModel.mislabelled(0.4);
    Pretrained alone = fresh(2);
    train(alone, new CrossEntropy(), all.subList(0, 60), often);
    Pretrained taught = fresh(2);
    Objective objective =
        new Distillation(Path.of("expert"), 2, 0.9, 0.1, new CrossEntropy())
            .begin(beginning(taught, origin(LABELS, null)));
    train(taught, objective, all.subList(0, 60), often);
    double without = accuracy(alone, all.subList(120, 200));
    double with = accuracy(taught, all.subList(120, 200));
    assertThat(with).isGreaterThan(without + 0.1);
    it_mixes_the_truth_with_the_softened_answers_and_the_hidden_states_of_the_teacher();
  }

  private Pretrained fresh(long key) {
    return Pretrained.random(teacher.config(), null, teacher.head(), Rng.Key.of(key));
  }

  private static void train(
      Pretrained model, Objective objective, List<EncodedExample> examples, Collator collator) {
    Map<String, Parameter> parameters = Modules.parameters(model.model());
    OptimizerState state = new OptimizerState(parameters);
    List<ParameterGroup> groups = ParameterGroup.byShape(parameters);
    AdamW optimizer = new AdamW(1e-2, 0.9, 0.999, 1e-8, 0);
    for (int n = 0; n < 80; n++) {
      StepContext step = new StepContext(n, 80, 0, 1, Rng.Key.of(n), state);
      try (Scope s = Scope.open()) {
        Loss loss =
            objective.compute(
                model.model(), collator.collate(examples, step.key()), new LossContext(step));
        loss.sum().backward();
        Gradients gradients = Gradients.collect(groups).dividedBy(loss.weight());
        groups.forEach(g -> optimizer.apply(g, gradients, step));
        groups.forEach(g -> g.parameters().values().forEach(p -> p.value().clearGrad()));
      }
    }
  }

  private static double accuracy(Pretrained model, List<EncodedExample> examples) {
    try (Scope s = Scope.open()) {
      Batch batch = ToyModel.collator().collate(examples, Rng.Key.of(1));
      long[] said =
          model.model().answer(batch.tokens(), Pass.EVALUATION).requireLogits().argmax(1).toLongs();
      long[] truth = ((Targets.Classes) batch.targets()).ids().toLongs();
      double right = 0;
      for (int i = 0; i < truth.length; i++) {
        right += said[i] == truth[i] ? 1 : 0;
      }
      return right / truth.length;
    }
  }
}
