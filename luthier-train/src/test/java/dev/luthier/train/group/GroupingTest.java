package dev.luthier.train.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.model.Pretrained;
import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.Rng;
import dev.luthier.testing.Proves;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.GroupSpec;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.TrainingException;
import dev.luthier.train.optim.AdamW;
import dev.luthier.train.optim.Chain;
import dev.luthier.train.optim.ClipNorm;
import dev.luthier.train.optim.LionAr;
import dev.luthier.train.optim.Sgd;
import dev.luthier.train.optim.WeightDecay;
import dev.luthier.train.peft.FreezeLayers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GroupingTest {
  private static final AdamW ADAMW = new AdamW(1e-3, 0.9, 0.999, 1e-8, 0.01);

  private static GroupSpec own(String name, double lr, String... match) {
    return new GroupSpec(List.of(match), name, lr, 1, null, 1);
  }

  private static GroupSpec decaying(double weightDecay, String... match) {
    return new GroupSpec(List.of(match), null, null, 1, weightDecay, 1);
  }

  private static List<ParameterGroup> of(Pretrained model, double layerDecay, GroupSpec... specs) {
    return Grouping.of(model.model(), List.of(specs), layerDecay, ADAMW);
  }

  private static ParameterGroup named(List<ParameterGroup> groups, String name) {
    return groups.stream()
        .filter(g -> g.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new AssertionError(
                    name + " is none of " + groups.stream().map(ParameterGroup::name).toList()));
  }

  private static ParameterGroup holding(List<ParameterGroup> groups, String parameter) {
    List<ParameterGroup> found =
        groups.stream().filter(g -> g.parameters().containsKey(parameter)).toList();
    assertThat(found).as(parameter).hasSize(1);
    return found.get(0);
  }

  @Test
  @Proves("param-groups")
  void each_parameter_falls_in_exactly_one_group_with_the_rate_and_decay_of_the_group() {
    Pretrained model = Bases.of("bert");
    List<ParameterGroup> groups =
        of(
            model,
            1,
            own("head", 2e-2, "classifier"),
            decaying(0.5, "regex:.*embeddings\\.LayerNorm.*"),
            new GroupSpec(List.of("query", "key"), "attention", null, 0.5, null, 3));
    List<String> members = new ArrayList<>();
    groups.forEach(g -> members.addAll(g.parameters().keySet()));
    assertThat(members)
        .doesNotHaveDuplicates()
        .containsExactlyInAnyOrderElementsOf(Bases.trained(model).keySet());

    ParameterGroup head = named(groups, "head, matrices");
    assertThat(head.parameters()).containsOnlyKeys("classifier.weight");
    assertThat(head.rateFactor() * 1e-3).isCloseTo(2e-2, within(1e-15));
    assertThat(head.decay(0.01)).isEqualTo(0.01);
    assertThat(named(groups, "head, vectors").decay(0.01)).isZero();

    ParameterGroup norm = holding(groups, "bert.embeddings.LayerNorm.bias");
    assertThat(norm.name()).isEqualTo("regex:.*embeddings\\.LayerNorm.*");
    assertThat(norm.decay(0.01)).as("what a group says holds for biases too").isEqualTo(0.5);
    assertThat(norm.parameters()).hasSize(2);

    ParameterGroup query = holding(groups, "bert.encoder.layer.1.attention.self.query.weight");
    assertThat(query.rateFactor()).isEqualTo(0.5);
    assertThat(query.decay(0.01)).isCloseTo(0.03, within(1e-15));
    assertThat(holding(groups, "bert.encoder.layer.1.attention.self.key.bias").decay(1)).isZero();

    ParameterGroup rest = holding(groups, "bert.encoder.layer.0.output.dense.weight");
    assertThat(rest.name()).isEqualTo("matrices");
    assertThat(rest.rateFactor()).isEqualTo(1);
  }

  @Test
  @Proves("param-groups")
  void a_parameter_in_two_groups_is_an_error_that_names_it_and_them() {
    assertThatThrownBy(
            () -> of(Bases.of("bert"), 1, own("lower", 1, "layer.0"), own("queries", 1, "query")))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("'bert.encoder.layer.0.attention.self.query.")
        .hasMessageContaining("'lower' and in 'queries'");
  }

  @Test
  void what_matches_nothing_is_an_error_with_the_nearest_name() {
    assertThatThrownBy(() -> of(Bases.of("bert"), 1, own("head", 1, "clasifier")))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("train.groups, 'head': 'clasifier' matches no parameter")
        .hasMessageContaining("the nearest name is 'classifier'");
    assertThatThrownBy(() -> of(Bases.of("bert"), 1, own("head", 1, "regex:clasifier")))
        .hasMessageContaining("the nearest name is 'classifier'");
  }

  @Test
  void what_matches_nothing_but_frozen_parameters_is_an_error_that_says_so() {
    Pretrained model = Bases.of("bert");
    var unused = new FreezeLayers().apply(model, Rng.Key.of(1));
    assertThatThrownBy(() -> of(model, 1, own("words", 1, "word_embeddings")))
        .hasMessageContaining("matches only parameters that are not trained");
  }

  @Test
  void a_rate_or_decay_that_an_optimizer_cannot_have_is_refused() {
    Pretrained model = Bases.of("bert");
    GradientTransform two = new Chain(List.of(new WeightDecay(0.1, true), new Sgd()));
    assertThatThrownBy(() -> Grouping.of(model.model(), List.of(decaying(1, "classifier")), 1, two))
        .hasMessageContaining("[0.1, 0.0]")
        .hasMessageContaining("weight-decay-factor");
    assertThatThrownBy(
            () -> Grouping.of(model.model(), List.of(decaying(1, "classifier")), 1, new LionAr()))
        .hasMessageContaining("the optimizer has no weight-decay");
    GradientTransform none = new Chain(List.of(new ClipNorm(), (group, gradients, step) -> {}));
    assertThatThrownBy(
            () -> Grouping.of(model.model(), List.of(own("head", 1, "classifier")), 1, none))
        .hasMessageContaining("lr-factor");
  }

  @Test
  void values_out_of_range_are_refused_by_their_keys() {
    List<String> match = List.of("classifier");
    assertThatThrownBy(() -> new GroupSpec(List.of())).hasMessageContaining("match");
    assertThatThrownBy(() -> new GroupSpec(match, null, 0.0, 1, null, 1))
        .hasMessageContaining("lr ")
        .hasMessageContaining("frozen");
    assertThatThrownBy(() -> new GroupSpec(match, null, null, 0, null, 1))
        .hasMessageContaining("lr-factor");
    assertThatThrownBy(() -> new GroupSpec(match, null, 1.0, 2, null, 1))
        .hasMessageContaining("exclude each other");
    assertThatThrownBy(() -> new GroupSpec(match, null, null, 1, -1.0, 1))
        .hasMessageContaining("weight-decay");
    assertThatThrownBy(() -> new GroupSpec(match, null, null, 1, null, -1))
        .hasMessageContaining("weight-decay-factor");
    assertThatThrownBy(() -> new GroupSpec(match, null, null, 1, 1.0, 2))
        .hasMessageContaining("exclude each other");
  }

  @Test
  void without_groups_matrices_decay_and_biases_and_norms_do_not() {
    List<ParameterGroup> groups = of(Bases.of("bert"), 1);
    assertThat(groups).extracting(ParameterGroup::name).containsExactly("matrices", "vectors");
    assertThat(GroupFacts.of(groups, ADAMW))
        .extracting(GroupFacts::words)
        .containsExactly(
            "learning rate 0.001, weight decay 0.01", "learning rate 0.001, no weight decay");
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert", "distilbert", "roberta", "llama"})
  void rates_fall_from_the_head_to_the_embeddings_layer_by_layer(String family) {
    Pretrained model = Bases.of(family);
    List<ParameterGroup> groups = of(model, 0.5);
    Map<String, Parameter> trained = Bases.trained(model);
    assertThat(groups.stream().mapToInt(g -> g.parameters().size()).sum())
        .isEqualTo(trained.size());
    int layers = model.model().stack().layers();
    assertThat(layers).isEqualTo(2);
    trained.forEach(
        (name, p) -> {
          double expected =
              name.contains("embed")
                  ? Math.pow(0.5, layers + 1)
                  : name.matches(".*layers?\\.0\\..*")
                      ? 0.25
                      : name.matches(".*layers?\\.1\\..*") ? 0.5 : 1;
          assertThat(holding(groups, name).rateFactor()).as(name).isEqualTo(expected);
        });
    assertThat(groups.get(0).name()).startsWith("above the layers");
  }

  @Test
  void a_group_with_a_rate_of_its_own_has_that_whatever_the_layer() {
    List<ParameterGroup> groups =
        of(
            Bases.of("bert"),
            0.5,
            own("queries", 4e-3, "query"),
            new GroupSpec(List.of("key"), "keys", null, 10, null, 1));
    for (int layer = 0; layer < 2; layer++) {
      String self = "bert.encoder.layer." + layer + ".attention.self.";
      assertThat(holding(groups, self + "query.weight").rateFactor()).isEqualTo(4);
      assertThat(holding(groups, self + "key.weight").rateFactor())
          .isEqualTo(10 * Math.pow(0.5, 2 - layer));
    }
  }
}
