package dev.luthier.train.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.model.Pretrained;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import dev.luthier.train.Gradients;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;
import dev.luthier.train.TrainingException;
import dev.luthier.train.loop.ToyModel;
import dev.luthier.train.optim.Signum;
import dev.luthier.train.peft.Lora;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LayerDecayTest {
  /** The update of every coordinate that has a gradient is the rate. */
  private static final Signum SIGNUM = new Signum(1e-2, 0.9, 0);

  @Test
  @Proves("discriminative-lr")
  void the_first_updates_are_of_the_sizes_that_the_printed_table_says() {
    Pretrained model = Bases.of("bert");
    List<ParameterGroup> groups = Grouping.of(model.model(), List.of(), 0.8, SIGNUM);
    List<GroupFacts> table = GroupFacts.of(groups, SIGNUM);
    Map<String, double[]> before = new TreeMap<>();
    Map<String, Parameter> trained = Bases.trained(model);
    trained.forEach((name, p) -> before.put(name, p.value().toDoubles()));
    step(model, groups);
    double last = Double.POSITIVE_INFINITY;
    for (int i = 0; i < groups.size(); i++) {
      GroupFacts said = table.get(i);
      assertThat(said.line()).contains(said.words());
      assertThat(said.rate()).as("from the head down").isLessThanOrEqualTo(last);
      last = said.rate();
      for (String name : groups.get(i).parameters().keySet()) {
        double[] old = before.get(name);
        double[] now = trained.get(name).value().toDoubles();
        double largest = 0;
        for (int k = 0; k < old.length; k++) {
          largest = Math.max(largest, Math.abs(now[k] - old[k]));
        }
        assertThat(largest).as(name).isCloseTo(said.rate(), within(1e-6));
      }
    }
    assertThat(table.get(0).rate()).as("the head's is the highest").isEqualTo(1e-2);
    assertThat(last).isCloseTo(1e-2 * Math.pow(0.8, 3), within(1e-12));
  }

  private static void step(Pretrained model, List<ParameterGroup> groups) {
    OptimizerState state = new OptimizerState(Bases.trained(model));
    try (Scope scope = Scope.open()) {
      Tensor logits = model.model().forward(Bases.tokens(), Pass.EVALUATION).requireLogits();
      logits.pow(2).sum().backward();
      Gradients gradients = Gradients.collect(groups);
      StepContext step = new StepContext(0, 1, 0, 1, Rng.Key.of(0), state);
      groups.forEach(g -> SIGNUM.apply(g, gradients, step));
      gradients.clear();
    }
  }

  @Test
  void what_an_adapter_adds_to_a_layer_has_the_rate_of_the_layer() {
    Pretrained model = Bases.of("llama");
    var unused = new Lora().apply(model, Rng.Key.of(1));
    List<ParameterGroup> groups = Grouping.of(model.model(), List.of(), 0.5, SIGNUM);
    Map<String, Double> rates = new TreeMap<>();
    groups.forEach(g -> g.parameters().keySet().forEach(n -> rates.put(n, g.rateFactor())));
    assertThat(rates.keySet()).anyMatch(n -> n.contains("lora_A"));
    rates.forEach(
        (name, rate) -> {
          if (name.contains("lora_")) {
            assertThat(rate).as(name).isEqualTo(name.contains("layers.0.") ? 0.25 : 0.5);
          }
        });
  }

  @Test
  void a_model_without_layers_in_a_row_is_refused() {
    assertThatThrownBy(() -> Grouping.of(new ToyModel(0, DType.F32), List.of(), 0.9, SIGNUM))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("train.layer-decay");
  }
}
