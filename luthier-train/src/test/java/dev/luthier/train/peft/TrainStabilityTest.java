package dev.luthier.train.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.model.ModelConfig;
import dev.luthier.model.ModelException;
import dev.luthier.model.Pretrained;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Stability.Attention;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import dev.luthier.train.Adaptation;
import dev.luthier.train.Adapted;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

@Proves("p-train-stability")
class TrainStabilityTest extends AdaptationContract {
  @Override
  protected Adaptation subject() {
    return new TrainStability(Attention.QK_NORM_CAP, 5, true);
  }

  @Test
  void new_scales_begin_at_one_and_are_trained_with_the_rest() {
    Pretrained model = base();
    Adapted adapted = subject().apply(model, Rng.Key.of(1));
    assertThat(adapted.changesBase()).isTrue();
    assertThat(adapted.description().get(1)).contains("saved whole, as luthier-bert");
    Map<String, Parameter> norms = new TreeMap<>(Modules.parameters(model.model()));
    norms.keySet().removeIf(name -> !name.contains("_norm."));
    assertThat(norms).hasSize(2 * 4 * 2);
    norms.forEach(
        (name, p) -> {
          assertThat(p.trainable()).as(name).isTrue();
          assertThat(p.value().toFloats()).as(name).containsOnly(name.endsWith("weight") ? 1f : 0f);
        });
  }

  @Test
  void switched_off_it_leaves_the_model_as_it_was_to_the_bit() {
    Pretrained model = base();
    Map<String, Tensor> before = values(model);
    ModelConfig config = model.config();
    Adapted adapted = new TrainStability(Attention.PLAIN, 50, false).apply(model, Rng.Key.of(1));
    assertThat(adapted.changesBase()).isFalse();
    assertThat(model.config()).isEqualTo(config);
    Map<String, Tensor> after = values(model);
    assertThat(after.keySet()).isEqualTo(before.keySet());
    after.forEach((name, t) -> assertThat(t.sameAs(before.get(name))).as(name).isTrue());
  }

  @Test
  void an_adapter_stands_on_it_and_not_below_it() {
    Pretrained model = base();
    var norms = subject().apply(model, Rng.Key.of(1));
    var lora = new Lora().apply(model, Rng.Key.of(1));
    assertThat(norms.changesBase()).isTrue();
    assertThat(lora.isSeparate()).isTrue();
    assertThatThrownBy(() -> subject().apply(model, Rng.Key.of(1)))
        .hasMessageContaining("carries an adapter already");
  }

  @Test
  void what_layers_have_no_place_for_is_refused() {
    assertThatThrownBy(
            () -> new TrainStability(Attention.QKV_NORM, 50, false).apply(base(), Rng.Key.of(1)))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("take qk-norm or qk-norm-cap");
    assertThatThrownBy(() -> new TrainStability(Attention.QK_NORM_CAP, 0, false))
        .hasMessageContaining("cap must be above 0, not 0");
  }
}
