package dev.luthier.train.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.model.Pretrained;
import dev.luthier.model.nn.Modules;
import dev.luthier.tensor.Rng;
import dev.luthier.testing.Proves;
import dev.luthier.train.Adaptation;
import dev.luthier.train.Adapted;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

@Proves("full-ft")
class FullTuningTest extends AdaptationContract {
  @Override
  protected Adaptation subject() {
    return new FullTuning();
  }

  @Test
  void every_parameter_is_trained() {
    Pretrained model = base();
    new LinearProbe().apply(model, Rng.Key.of(1));
    new FullTuning().apply(model, Rng.Key.of(1));
    assertThat(Modules.countTrainable(model.model())).isEqualTo(Modules.count(model.model()));
  }

  @Test
  void it_learns_more_than_a_linear_probe() {
    Pretrained whole = base();
    new FullTuning().apply(whole, Rng.Key.of(1));
    Pretrained probe = base();
    new LinearProbe().apply(probe, Rng.Key.of(1));
    double full = Practice.of(whole, "bert-plain", 15, false).last();
    assertThat(full).isLessThan(Practice.of(probe, "bert-plain", 15, false).last());
  }

  @Test
  void there_is_nothing_to_save_apart_or_to_switch_off() {
    Adapted adapted = new FullTuning().apply(base(), Rng.Key.of(1));
    assertThat(adapted.isSeparate()).isFalse();
    adapted.setEnabled(true);
    adapted.merge();
    assertThatThrownBy(() -> adapted.save(Path.of("nowhere")))
        .hasMessageContaining("save the model");
    assertThatThrownBy(() -> adapted.setEnabled(false)).hasMessageContaining("load the base model");
  }
}
