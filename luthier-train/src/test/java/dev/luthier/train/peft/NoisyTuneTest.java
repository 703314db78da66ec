package dev.luthier.train.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.model.Head;
import dev.luthier.model.Pretrained;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import dev.luthier.train.Adapted;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NoisyTuneTest {
  private static Pretrained base() {
    Head head = new Head.SequenceClassification(List.of("a", "b", "c"));
    return Pretrained.load(GoldenAdapter.resource("base-bert"), head, Rng.Key.of(5));
  }

  @Test
  @Proves("p-noisytune")
  void each_matrix_gets_uniform_noise_by_its_own_deviation_once_and_none_where_lambda_is_zero() {
    Pretrained model = base();
    Map<String, Tensor> before = AdaptationContract.values(model);
    Adapted adapted = new NoisyTune(0.4).apply(model, Rng.Key.of(1));
    assertThat(adapted.changesBase()).isTrue();
    Set<String> drawn = Set.copyOf(model.report().drawn());
    assertThat(drawn).isNotEmpty();
    Modules.ownParameters(model.model())
        .forEach((name, p) -> assertNoise(name, p, before.get(name), drawn.contains(name)));

    Pretrained same = base();
    Adapted nothing = new NoisyTune(0).apply(same, Rng.Key.of(1));
    assertThat(nothing.changesBase()).isFalse();
    Modules.ownParameters(same.model())
        .forEach((name, p) -> assertThat(p.value().sameAs(before.get(name))).as(name).isTrue());
  }

  private static void assertNoise(String name, Parameter p, Tensor before, boolean drawn) {
    try (Scope s = Scope.open()) {
      if (drawn) {
        assertThat(p.value().sameAs(before)).as(name).isTrue();
        return;
      }
      Tensor old = before.to(DType.F64);
      double n = old.count();
      double deviation = Math.sqrt(old.sub(old.mean()).pow(2).sum().item() / (n - 1));
      double most = 0.2 * deviation;
      Tensor noise = p.value().detach().to(DType.F64).sub(old);
      assertThat(noise.abs().max().item()).as(name).isLessThanOrEqualTo(most * (1 + 1e-4));
      if (n >= 256) {
        assertThat(noise.mean().item()).as(name).isCloseTo(0, within(0.15 * most));
        assertThat(noise.pow(2).mean().item())
            .as(name)
            .isCloseTo(most * most / 3, within(0.06 * most * most));
      }
    }
  }

  @Test
  void the_same_key_gives_the_same_noise_and_another_key_another() {
    Pretrained one = base();
    Pretrained two = base();
    Pretrained other = base();
    var a = new NoisyTune().apply(one, Rng.Key.of(1));
    var b = new NoisyTune().apply(two, Rng.Key.of(1));
    var c = new NoisyTune().apply(other, Rng.Key.of(2));
    assertThat(List.of(a, b, c)).allMatch(Adapted::changesBase);
    String name = "bert.encoder.layer.0.attention.self.query.weight";
    Tensor first = AdaptationContract.values(one).get(name);
    assertThat(first.sameAs(AdaptationContract.values(two).get(name))).isTrue();
    assertThat(first.sameAs(AdaptationContract.values(other).get(name))).isFalse();
  }

  @Test
  void it_comes_before_an_adapter() {
    Pretrained model = base();
    var lora = new Lora().apply(model, Rng.Key.of(1));
    assertThat(lora.isSeparate()).isTrue();
    assertThatThrownBy(() -> new NoisyTune().apply(model, Rng.Key.of(1)))
        .hasMessageContaining("carries an adapter already");
  }
}
