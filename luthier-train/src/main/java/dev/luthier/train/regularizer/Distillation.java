package dev.luthier.train.regularizer;

import com.google.auto.service.AutoService;
import dev.luthier.data.batch.Batch;
import dev.luthier.model.Model;
import dev.luthier.model.Outputs;
import dev.luthier.model.Pooling;
import dev.luthier.model.nn.Pass;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Beginning;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.Objective;
import dev.luthier.train.Passes;
import dev.luthier.train.TrainingException;
import dev.luthier.train.objective.CrossEntropy;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Knowledge distillation: the student learns the softened answers of a teacher beside the truth.
 *
 * <pre>
 *   α T² KL(softmax(t / T) ‖ softmax(s / T)) + (1 - α) L + η Σ (1 - cos(hₜ, hₛ))
 * </pre>
 *
 * <p>t and s are the logits of teacher and student, h the last hidden states that their heads read
 * (Sanh et al. 2019, arXiv:1910.01108, section 3). Where several classes may apply, KL is that of
 * each class by itself; of numbers it is the squared difference. The teacher runs without dropout,
 * learns nothing, and is not saved.
 *
 * <p>When to use it: to give a small model what a large one knows, also on texts without labels of
 * one's own.
 *
 * @param teacher the folder of a tuned model with the same labels and the same tokenizer; relative
 *     to the recipe
 * @param temperature T, above 0
 * @param alpha α, in [0, 1]; 0 leaves out the teacher's answers
 * @param hidden η, at least 0; 0 leaves out the hidden states. Needs a teacher as wide as the
 *     student
 * @param of the objective it is put around
 * @see <a href="https://arxiv.org/abs/1503.02531">Hinton et al. 2015, section 2</a>
 */
@Technique(
    id = "kd",
    key = "distillation",
    name = "Knowledge distillation",
    area = Area.REGULARIZER,
    paper = "Hinton et al. 2015, arXiv:1503.02531")
@AutoService(Objective.class)
public record Distillation(
    @Nullable Path teacher, double temperature, double alpha, double hidden, Objective of)
    implements Objective {
  /** T = 2 and α = 0.5. The teacher must be named. */
  public Distillation() {
    this(null, 2, 0.5, 0, new CrossEntropy());
  }

  /** Checks the ranges. */
  public Distillation {
    if (!(temperature > 0 && Double.isFinite(temperature))) {
      throw new IllegalArgumentException("temperature must be above 0, not " + temperature);
    }
    if (!(alpha >= 0 && alpha <= 1)) {
      throw new IllegalArgumentException("alpha must be in [0, 1], not " + alpha);
    }
    Strengths.requireNotNegative("hidden", hidden);
  }

  @Override
  public Objective begin(Beginning beginning) {
    Objective begun = of.begin(beginning);
    return alpha == 0 && hidden == 0
        ? new Distillation(teacher, temperature, alpha, hidden, begun)
        : new Taught(this, begun, Teacher.load(teacher, beginning));
  }

  @Override
  public Loss compute(Model model, Batch batch, LossContext step) {
    if (step.training() && (alpha > 0 || hidden > 0)) {
      throw Strengths.notBegun("distillation");
    }
    return of.compute(model, batch, step);
  }

  @Override
  public boolean isSumOverExamples() {
    return of.isSumOverExamples();
  }

  @Override
  public Passes passes() {
    return alpha == 0 && hidden == 0 ? of.passes() : of.passes().andElsewhere();
  }

  /** The same with the teacher at hand. */
  record Taught(Distillation options, Objective of, Model teacher) implements Objective {
    @Override
    public Loss compute(Model model, Batch batch, LossContext step) {
      if (!step.training()) {
        return of.compute(model, batch, step);
      }
      double share = Math.min(1, step.scheduled(options.alpha));
      double states = step.scheduled(options.hidden);
      if (share == 0 && states == 0) {
        return of.compute(model, batch, step);
      }
      Outputs taught = ask(batch);
      Loss loss = of.compute(model, batch, step.needingLogits());
      Tensor s = loss.logits("distillation");
      Tensor t = taught.requireLogits().to(s.dtype());
      double softness = options.temperature;
      Tensor apart = Divergence.oneWay("distillation", batch.targets(), t, s, softness);
      Loss both =
          loss.times(1 - share).adding("distillation", apart.mul(share * softness * softness));
      Outputs own = loss.outputs();
      return states == 0 || own == null
          ? both
          : both.adding("hidden", turned(taught.hidden(), own.hidden()).mul(states));
    }

    private Outputs ask(Batch batch) {
      try (Autograd.Guard off = Autograd.noGrad()) {
        return teacher.answer(batch.tokens(), Pass.EVALUATION);
      }
    }

    private static Tensor turned(Tensor teacher, Tensor student) {
      if (!Arrays.equals(teacher.shape(), student.shape())) {
        throw new TrainingException(
            "distillation: the hidden states of the teacher are "
                + teacher.size(1)
                + " wide and those of the student "
                + student.size(1)
                + ", or their heads read other tokens; set hidden to 0");
      }
      DType wide = student.dtype() == DType.F64 ? DType.F64 : DType.F32;
      Tensor cosines = Pooling.unit(teacher.to(wide)).mul(Pooling.unit(student.to(wide))).sum(1);
      return cosines.neg().add(1).sum();
    }

    @Override
    public boolean isSumOverExamples() {
      return of.isSumOverExamples();
    }
  }
}
