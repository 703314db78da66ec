package dev.luthier.train.objective;

import dev.luthier.data.batch.Batch;
import dev.luthier.model.Model;
import dev.luthier.model.Tokens;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.LossContext;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/**
 * Runs a model over a batch that must be kept whole, with the activations of some examples in
 * memory at a time. What comes out of each part is kept, its activations are not: for the backward
 * pass each part is run again (gradient caching, Gao et al. 2021, arXiv:2101.06983). Random draws
 * are keyed by example, so the gradients are those of the whole batch.
 */
final class InParts {
  private InParts() {}

  /**
   * Gives a row for each sequence.
   *
   * @param run runs the model on tokens and gives a row for each of their sequences
   */
  static Tensor rows(
      Model model, Batch batch, LossContext step, BiFunction<Tokens, Pass, Tensor> run) {
    Tensor[] read = read(model, batch.tokens().sequences(0, 1), step.pass(), run);
    int n = batch.size();
    int most = step.atOnce();
    Tensor[] parts = new Tensor[(n + most - 1) / most];
    for (int i = 0; i < parts.length; i++) {
      int from = i * most;
      Tokens tokens = batch.tokens().sequences(from, Math.min(most, n - from));
      parts[i] = Autograd.checkpoint(ids -> run.apply(tokens, step.pass()), tokens.ids(), read);
    }
    return Tensor.cat(0, parts);
  }

  /** The trained parameters that rows follow from; what a head has of its own may not be there. */
  private static Tensor[] read(
      Model model, Tokens one, Pass pass, BiFunction<Tokens, Pass, Tensor> run) {
    Tensor[] trained =
        Modules.parameters(model).values().stream()
            .filter(Parameter::trainable)
            .map(Parameter::value)
            .toArray(Tensor[]::new);
    try (Scope scope = Scope.open()) {
      boolean[] reached = Autograd.reached(run.apply(one, pass).sum(), trained);
      return IntStream.range(0, trained.length)
          .filter(i -> reached[i])
          .mapToObj(i -> trained[i])
          .toArray(Tensor[]::new);
    }
  }

  /** Whether a batch is larger than what is to be held at once. */
  static boolean asked(Batch batch, LossContext step) {
    return step.training() && batch.size() > step.atOnce() && batch.tokens().wanted() == null;
  }
}
