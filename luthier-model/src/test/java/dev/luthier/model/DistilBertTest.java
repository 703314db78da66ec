package dev.luthier.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

@Proves("distilbert")
class DistilBertTest extends FamilyContract {
  @Override
  protected Path golden() {
    return Resources.golden();
  }

  @Override
  protected String family() {
    return "distilbert";
  }

  @Override
  protected List<String> dropoutKeys() {
    return List.of("dropout", "attention_dropout", "seq_classif_dropout");
  }

  @Override
  protected String lastLayer() {
    return "classifier";
  }

  @Test
  void it_learns_to_give_the_sentence_embeddings_of_bert() {
    Pretrained teacher = Pretrained.load(golden().resolve("bert-encoder"), null, KEY);
    Model student = load("encoder").model();
    Golden golden = Golden.open(folder("encoder"), "golden.safetensors");
    double first = 0;
    double last = 0;
    for (int step = 0; step < 30; step++) {
      try (Scope scope = Scope.open()) {
        Tensor wanted;
        try (Autograd.Guard off = Autograd.noGrad()) {
          wanted = embedded(teacher.model(), golden);
        }
        Tensor loss = embedded(student, golden).sub(wanted).pow(2).sum();
        loss.backward();
        last = loss.item();
        first = step == 0 ? last : first;
        for (Parameter p : Modules.parameters(student).values()) {
          p.value().detach().addInPlace(p.value().grad(), -0.02);
          p.value().clearGrad();
        }
      }
    }
    assertThat(last).isLessThan(first / 4);
  }

  private static Tensor embedded(Model model, Golden golden) {
    Tensor hidden = model.forward(golden.tokens(), Pass.EVALUATION).hidden();
    return Pooling.unit(Pooling.mean(hidden, golden.segments()));
  }
}
