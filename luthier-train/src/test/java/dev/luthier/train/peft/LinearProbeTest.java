package dev.luthier.train.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.model.Head;
import dev.luthier.model.Pretrained;
import dev.luthier.model.nn.Modules;
import dev.luthier.tensor.Rng;
import dev.luthier.testing.Proves;
import dev.luthier.train.Adaptation;
import dev.luthier.train.Adapted;
import dev.luthier.train.TrainingException;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Proves("linear-probe")
class LinearProbeTest extends AdaptationContract {
  @Override
  protected Adaptation subject() {
    return new LinearProbe();
  }

  @ParameterizedTest
  @CsvSource({
    "base-bert, classifier",
    "base-roberta, classifier.out_proj",
    "base-distilbert, classifier"
  })
  void width_plus_one_times_classes_parameters_of_the_last_layer_are_trained(
      String folder, String layer) {
    Pretrained model = GoldenAdapter.base(folder);
    new LinearProbe().apply(model, Rng.Key.of(1));
    assertThat(Modules.countTrainable(model.model())).isEqualTo((16 + 1) * 3);
    TreeSet<String> trained = new TreeSet<>();
    Modules.parameters(model.model())
        .forEach(
            (name, p) -> {
              if (p.trainable()) {
                trained.add(name);
              }
            });
    assertThat(trained).containsExactly(layer + ".bias", layer + ".weight");
  }

  @Test
  void what_is_new_below_the_last_layer_stays_as_drawn_and_that_is_said() {
    Head head = new Head.SequenceClassification(List.of("a", "b"));
    Pretrained model = Pretrained.load(GoldenAdapter.resource("base-roberta"), head, Rng.Key.of(5));
    Adapted adapted = new LinearProbe().apply(model, Rng.Key.of(1));
    assertThat(adapted.description())
        .contains(
            "new but frozen, so they stay as drawn: classifier.dense.bias, classifier.dense.weight");
  }

  @Test
  void a_model_without_a_head_cannot_be_probed() {
    Pretrained bare =
        Pretrained.load(GoldenAdapter.resource("base-bert"), new Head.None(), Rng.Key.of(0));
    assertThatThrownBy(() -> new LinearProbe().apply(bare, Rng.Key.of(1)))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("no head");
    assertThat(Modules.countTrainable(bare.model())).isEqualTo(Modules.count(bare.model()));
  }
}
