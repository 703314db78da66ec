package dev.luthier.train.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.model.Pretrained;
import dev.luthier.tensor.Rng;
import dev.luthier.train.Adaptation;
import dev.luthier.train.TrainingException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which adaptations can stand beside which, of every two that there are. */
class AdaptationOrderTest {
  private static final FreezeLayers LOWEST =
      new FreezeLayers(true, 1, List.of(), List.of(), List.of());

  private static Adaptation named(String key) {
    return switch (key) {
      case "full" -> new FullTuning();
      case "linear-probe" -> new LinearProbe();
      case "lora" -> new Lora();
      case "freeze" -> LOWEST;
      case "noisy-tune" -> new NoisyTune();
      default -> new TrainStability();
    };
  }

  private static List<Adaptation> list(String keys) {
    return Arrays.stream(keys.split(" ", -1)).map(AdaptationOrderTest::named).toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "full lora",
        "lora full",
        "full linear-probe",
        "linear-probe full",
        "linear-probe lora",
        "lora linear-probe",
        "full full",
        "lora lora",
        "linear-probe linear-probe"
      })
  void two_that_say_what_is_trained_contradict_each_other(String keys) {
    String[] both = keys.split(" ", -1);
    assertThatThrownBy(() -> AdaptationOrder.require("adapt", list(keys)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "adapt names %s and %s, and each says for itself what is trained; leave one of them out",
            both[0], both[1]);
    List<Adaptation> apart = new ArrayList<>(list(keys));
    apart.add(1, new NoisyTune());
    assertThatThrownBy(() -> AdaptationOrder.require("adapt", apart))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"freeze full", "freeze linear-probe", "freeze lora"})
  void freezing_before_what_says_anew_what_is_trained_has_no_effect(String keys) {
    assertThatThrownBy(() -> AdaptationOrder.require("adapt", list(keys)))
        .hasMessage(
            "adapt names freeze before %s, which says anew what is trained, so it would have no"
                + " effect; put it behind",
            keys.split(" ", -1)[1]);
  }

  @ParameterizedTest
  @ValueSource(strings = {"lora noisy-tune", "lora train-stability"})
  void what_an_adapter_stands_on_does_not_change_behind_it(String keys) {
    assertThatThrownBy(() -> AdaptationOrder.require("adapt", list(keys)))
        .hasMessage(
            "adapt names lora before %s, which changes what the other has added its parts to; put"
                + " it in front",
            keys.split(" ", -1)[1]);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "full",
        "lora",
        "linear-probe",
        "freeze",
        "noisy-tune",
        "train-stability",
        "full freeze",
        "lora freeze",
        "freeze freeze",
        "full noisy-tune",
        "full train-stability",
        "noisy-tune full",
        "noisy-tune lora",
        "noisy-tune linear-probe",
        "noisy-tune freeze",
        "noisy-tune train-stability",
        "freeze noisy-tune",
        "linear-probe noisy-tune",
        "train-stability full",
        "train-stability lora",
        "train-stability linear-probe",
        "train-stability freeze",
        "train-stability noisy-tune",
        "noisy-tune train-stability lora freeze"
      })
  void what_is_sensible_together_stands_together(String keys) {
    AdaptationOrder.require("adapt", list(keys));
    if (!keys.equals("freeze freeze")) {
      var model = base();
      list(keys).forEach(a -> assertThat(a.apply(model, Rng.Key.of(1)).description()).isNotEmpty());
    }
  }

  @Test
  void every_adaptation_is_among_those_that_were_thought_of() {
    List<String> types =
        ServiceLoader.load(Adaptation.class).stream().map(p -> p.type().getSimpleName()).toList();
    assertThat(types)
        .containsExactlyInAnyOrder(
            "FullTuning", "LinearProbe", "Lora", "FreezeLayers", "NoisyTune", "TrainStability");
  }

  @ParameterizedTest
  @ValueSource(strings = {"linear-probe", "freeze"})
  void freezing_what_is_frozen_already_is_refused(String before) {
    var model = base();
    var unused = named(before).apply(model, Rng.Key.of(1));
    assertThatThrownBy(() -> LOWEST.apply(model, Rng.Key.of(1)))
        .isInstanceOf(TrainingException.class)
        .hasMessageStartingWith("freeze: nothing of what it picks is trained");
  }

  @ParameterizedTest
  @ValueSource(strings = {"linear-probe", "freeze"})
  void norms_come_before_what_leaves_weights_untrained(String before) {
    var model = base();
    var unused = named(before).apply(model, Rng.Key.of(1));
    assertThatThrownBy(() -> new TrainStability().apply(model, Rng.Key.of(1)))
        .isInstanceOf(TrainingException.class)
        .hasMessageEndingWith("put it before what says which weights are trained");
  }

  private static Pretrained base() {
    try {
      var at = AdaptationOrderTest.class.getResource("/golden/lora/base-bert");
      return Pretrained.load(Path.of(Objects.requireNonNull(at).toURI()), null, Rng.Key.of(0));
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
