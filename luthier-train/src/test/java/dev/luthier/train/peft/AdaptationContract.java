package dev.luthier.train.peft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.model.Head;
import dev.luthier.model.Pretrained;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Adaptation;
import dev.luthier.train.Adapted;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What every adaptation must hold to. A test of one is a subclass that says which it is. */
public abstract class AdaptationContract {
  private static final int STEPS = 12;

  /** The adaptation, with options of interest. */
  protected abstract Adaptation subject();

  /** A small classifier whose head is new. */
  protected Pretrained base() {
    Head head = new Head.SequenceClassification(List.of("a", "b", "c"));
    return Pretrained.load(GoldenAdapter.resource("base-bert"), head, Rng.Key.of(5));
  }

  /** Copies of the values of the architecture's own parameters. */
  protected static Map<String, Tensor> values(Pretrained model) {
    Map<String, Tensor> out = new LinkedHashMap<>();
    Modules.ownParameters(model.model())
        .forEach((name, p) -> out.put(name, p.value().detach().copy()));
    return out;
  }

  @Test
  void what_is_frozen_stays_to_the_bit_and_has_no_gradient_nor_optimizer_state() {
    Pretrained model = base();
    Map<String, Tensor> before = values(model);
    subject().apply(model, Rng.Key.of(1));
    Map<String, Parameter> own = Modules.ownParameters(model.model());
    Practice practice = Practice.of(model, "bert-plain", 3, true);
    own.forEach(
        (name, p) -> {
          if (!p.trainable()) {
            assertThat(p.value().sameAs(before.get(name))).as(name).isTrue();
            assertThat(p.value().grad()).as(name).isNull();
            assertThat(p.value().requiresGrad()).as(name).isFalse();
          }
        });
    Map<String, Parameter> all = Modules.parameters(model.model());
    TreeSet<String> kept = new TreeSet<>();
    practice.state().tensors().keySet().forEach(k -> kept.add(k.substring(0, k.indexOf(':'))));
    assertThat(kept).allSatisfy(name -> assertThat(all.get(name).trainable()).isTrue());
  }

  @Test
  void every_trainable_parameter_changes_while_the_loss_falls() {
    Pretrained model = base();
    subject().apply(model, Rng.Key.of(1));
    Map<String, Parameter> all = Modules.parameters(model.model());
    Map<String, Tensor> before = new LinkedHashMap<>();
    all.forEach((name, p) -> before.put(name, p.value().detach().copy()));
    Practice practice = Practice.of(model, "bert-plain", STEPS, false);
    assertThat(practice.last()).isLessThan(practice.first());
    all.forEach(
        (name, p) ->
            assertThat(p.value().sameAs(before.get(name))).as(name).isEqualTo(!p.trainable()));
  }

  @Test
  void the_same_key_gives_the_same_training_to_the_bit() {
    Map<String, Tensor> one = trained();
    Map<String, Tensor> two = trained();
    one.forEach((name, t) -> assertThat(t.sameAs(two.get(name))).as(name).isTrue());
  }

  private Map<String, Tensor> trained() {
    Pretrained model = base();
    subject().apply(model, Rng.Key.of(1));
    Practice.of(model, "bert-plain", 3, true);
    Map<String, Tensor> out = new LinkedHashMap<>();
    Modules.parameters(model.model())
        .forEach((name, p) -> out.put(name, p.value().detach().copy()));
    return out;
  }

  @Test
  void its_description_tells_how_many_parameters_are_trained() {
    Pretrained model = base();
    Adapted adapted = subject().apply(model, Rng.Key.of(1));
    long count = Modules.countTrainable(model.model());
    String told = String.format(Locale.ROOT, "%,d of ", count);
    assertThat(adapted.description().get(0)).contains(told);
  }

  @Test
  void it_is_found_by_the_service_loader_with_its_defaults() {
    assertThat(ServiceLoader.load(Adaptation.class).stream().map(ServiceLoader.Provider::type))
        .contains(subject().getClass());
  }
}
