package dev.luthier.train.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.model.Pretrained;
import dev.luthier.model.nn.Modules;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import dev.luthier.train.Adaptation;
import dev.luthier.train.Adapted;
import dev.luthier.train.TrainingException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

@Proves("freeze-unfreeze")
class FreezeLayersTest extends AdaptationContract {
  private static final List<String> NONE = List.of();

  @Override
  protected Adaptation subject() {
    return new FreezeLayers(true, 1, List.of(), List.of("pooler"), List.of("LayerNorm"));
  }

  private Set<String> frozen(FreezeLayers freeze) {
    Pretrained model = base();
    freeze.apply(model, Rng.Key.of(1));
    Set<String> out = new TreeSet<>();
    Modules.parameters(model.model())
        .forEach(
            (name, p) -> {
              if (!p.trainable()) {
                out.add(name);
              }
            });
    return out;
  }

  @Test
  @Proves("freeze-embeddings")
  void the_default_leaves_the_embedding_tables_unchanged_and_trains_the_rest() {
    assertThat(frozen(new FreezeLayers()))
        .containsExactly(
            "bert.embeddings.LayerNorm.bias",
            "bert.embeddings.LayerNorm.weight",
            "bert.embeddings.position_embeddings.weight",
            "bert.embeddings.token_type_embeddings.weight",
            "bert.embeddings.word_embeddings.weight");
    Pretrained model = base();
    Map<String, Tensor> before = values(model);
    new FreezeLayers().apply(model, Rng.Key.of(1));
    Practice.of(model, "bert-plain", 4, true);
    Modules.ownParameters(model.model())
        .forEach(
            (name, p) ->
                assertThat(p.value().sameAs(before.get(name)))
                    .as(name)
                    .isEqualTo(name.startsWith("bert.embeddings.")));
  }

  @Test
  void the_lowest_layers_or_those_listed_are_frozen() {
    Set<String> lowest = frozen(new FreezeLayers(false, 1, List.of(), NONE, NONE));
    assertThat(lowest).hasSize(16).allMatch(n -> n.startsWith("bert.encoder.layer.0."));
    Set<String> listed = frozen(new FreezeLayers(false, 0, List.of(1), NONE, NONE));
    assertThat(listed).hasSize(16).allMatch(n -> n.startsWith("bert.encoder.layer.1."));
  }

  @Test
  void patterns_freeze_parts_and_unfreeze_makes_exceptions() {
    assertThat(frozen(new FreezeLayers(false, 0, List.of(), List.of("LayerNorm"), NONE)))
        .hasSize(10)
        .allMatch(n -> n.contains(".LayerNorm."));
    assertThat(
            frozen(
                new FreezeLayers(
                    false, 0, List.of(), List.of("regex:bert\\..*"), List.of("bias", "layer.1"))))
        .hasSize(4 + 8 + 1)
        .contains("bert.encoder.layer.0.output.dense.weight", "bert.pooler.dense.weight");
  }

  @Test
  void what_is_frozen_is_told_in_the_largest_parts() {
    Adapted adapted =
        new FreezeLayers(true, 1, List.of(), List.of("classifier.bias"), NONE)
            .apply(base(), Rng.Key.of(1));
    assertThat(adapted.description())
        .contains("frozen: bert.embeddings, bert.encoder.layer.0, classifier.bias")
        .contains("new but frozen, so they stay as drawn: classifier.bias");
  }

  @Test
  void mistakes_are_errors_that_say_what_to_do() {
    assertThatThrownBy(() -> new FreezeLayers(false, 0, List.of(), NONE, NONE))
        .hasMessageContaining("choose full");
    assertThatThrownBy(() -> frozen(new FreezeLayers(true, 3, List.of(), NONE, NONE)))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("this model has 2");
    assertThatThrownBy(() -> frozen(new FreezeLayers(true, 0, List.of(2), NONE, NONE)))
        .hasMessage("layers: there is no layer 2; this model has 2, numbered 0 to 1");
    assertThatThrownBy(() -> frozen(new FreezeLayers(true, 0, List.of(), List.of("poler"), NONE)))
        .hasMessageContaining("'poler' matches nothing")
        .hasMessageContaining("'pooler'");
    assertThatThrownBy(
            () -> frozen(new FreezeLayers(true, 0, List.of(), List.of("regex:.*"), NONE)))
        .hasMessageContaining("nothing can be learnt");
  }
}
