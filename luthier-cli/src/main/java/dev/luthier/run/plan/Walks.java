package dev.luthier.run.plan;

import dev.luthier.model.Head;
import dev.luthier.model.Model;
import dev.luthier.model.encoder.EncoderModel;
import dev.luthier.model.llama.LlamaModel;
import dev.luthier.model.t5.T5Model;
import dev.luthier.model.vit.VitModel;
import dev.luthier.run.Prepared;
import dev.luthier.run.Recipe;
import dev.luthier.train.Objective;
import dev.luthier.train.TrainingException;
import dev.luthier.train.loop.Trainer;
import dev.luthier.train.objective.CrossEntropy;
import dev.luthier.train.peft.Lora;
import dev.luthier.train.task.MaskedLanguageModelling;

/** Chooses who counts a model, by its family. */
final class Walks {
  private Walks() {}

  /**
   * The walk through the model of a run, its adaptations applied.
   *
   * @throws TrainingException if the model or the objective is of a kind whose memory is not
   *     understood
   */
  static NetworkWalk of(Prepared run) {
    Recipe recipe = run.recipe();
    double dropout =
        recipe.adapt().stream()
            .mapToDouble(a -> a instanceof Lora l ? l.dropout() : 0)
            .max()
            .orElse(0);
    return new NetworkWalk(parts(run, dropout), recipe.train().memory().checkpointActivations());
  }

  private static NetworkWalk.Parts parts(Prepared run, double dropout) {
    Recipe recipe = run.recipe();
    Model model = run.model().model();
    Head head = run.model().head();
    if (model instanceof EncoderModel encoder) {
      double wanted = recipe.task() instanceof MaskedLanguageModelling m ? m.probability() : 1;
      return new EncoderWalk(encoder, head, dropout, wanted);
    }
    if (model instanceof VitModel vit) {
      return new VitWalk(vit, dropout);
    }
    requireCrossEntropy(head, recipe.objective());
    boolean byRows = Trainer.whole(recipe.optimizer(), recipe.train()).readsRows();
    if (model instanceof LlamaModel decoder) {
      return new DecoderWalk(decoder, head, dropout, byRows);
    }
    if (model instanceof T5Model pairs) {
      return new T5Walk(pairs, dropout, byRows);
    }
    throw new TrainingException(
        recipe.model()
            + ": the memory of models of this family cannot be planned; luthier inspect counts its"
            + " tokens, and luthier train runs it all the same");
  }

  private static void requireCrossEntropy(Head head, Objective objective) {
    boolean words =
        head instanceof Head.CausalLanguageModel || head instanceof Head.SequenceToSequence;
    if (words && !(objective instanceof CrossEntropy)) {
      throw new TrainingException(
          "objective: of a language model only the memory of cross-entropy can be planned; what"
              + " another objective holds of the logits is not known");
    }
  }
}
