package dev.luthier.run.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.model.nn.Init;
import dev.luthier.model.nn.Parameter;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.optim.Adafactor;
import dev.luthier.train.optim.AdamW;
import dev.luthier.train.optim.GaLore;
import dev.luthier.train.optim.Split;
import java.util.Map;
import java.util.TreeMap;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class OptimizerProbeTest {
  private static double bytes(GradientTransform optimizer, String name, long... shape) {
    Map<String, Parameter> one = new TreeMap<>();
    one.put(name, new Parameter(Init.zeros(), shape));
    return new OptimizerProbe(optimizer).of(one).bytes();
  }

  @Test
  void factored_states_are_those_of_the_shape_and_not_of_its_size() {
    double wide = bytes(new Adafactor(), "w", 64, 1024);
    double square = bytes(new Adafactor(), "w", 256, 256);
    assertThat(wide).isBetween(4.0 * (64 + 1024), 4.0 * (64 + 1024) + 64);
    assertThat(square).isBetween(4.0 * (256 + 256), 4.0 * (256 + 256) + 64);
  }

  @Test
  void projected_states_are_projected_where_the_matrix_is_large_enough() {
    // Two moments of rank 8 along the longer side, and the directions of the shorter one.
    assertThat(bytes(new GaLore(), "layer.0.w", 512, 640))
        .isBetween(4.0 * 8 * (2 * 640 + 512), 4.0 * 8 * (2 * 640 + 512) + 64);
    assertThat(bytes(new GaLore(), "layer.0.w", 4, 6))
        .isBetween(4.0 * 4 * (2 * 6 + 4), 4.0 * 4 * (2 * 6 + 4) + 64);
  }

  @Test
  void parts_of_a_model_are_asked_by_their_names() {
    Map<String, Parameter> model = new TreeMap<>();
    model.put("classifier.weight", matrix());
    model.put("encoder.layer.0.query.weight", matrix());
    double both = new OptimizerProbe(new Split()).of(model).bytes();
    model.put("encoder.layer.0.key.weight", matrix());
    double three = new OptimizerProbe(new Split()).of(model).bytes();
    // SGD's momentum for the encoder; Adam's two moments and its count of steps for the head.
    assertThat(both).isBetween(12.0 * 64, 12.0 * 64 + 8);
    assertThat(three - both).isEqualTo(4 * 64);
  }

  private static Parameter matrix() {
    return new Parameter(Init.zeros(), 8, 8);
  }

  @Test
  void large_tensors_are_told_from_smaller_ones() {
    assertThat(bytes(new AdamW(), "w", 4096, 2048))
        .isCloseTo(8.0 * 4096 * 2048, Percentage.withPercentage(0.1));
    assertThat(bytes(new Adafactor(), "w", 4096, 2048))
        .isBetween(3.9 * (4096 + 2048), 4.1 * (4096 + 2048) + 64);
  }
}
