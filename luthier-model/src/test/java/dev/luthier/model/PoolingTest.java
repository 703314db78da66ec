package dev.luthier.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PoolingTest {
  private static final Segments SEGMENTS = new Segments(new int[] {2, 2, 1, 3}, new long[4]);

  @Test
  void mean_and_first_token_are_those_of_each_sequence() {
    try (Scope scope = Scope.open()) {
      Tensor x = Tensor.of(new float[] {1, 3, 10, 30, 7, 1, 2, 6}, 8, 1);
      assertThat(Pooling.mean(x, SEGMENTS).toFloats()).containsExactly(2, 20, 7, 3);
      Pooling first = new Pooling(Pooling.Kind.FIRST, false);
      assertThat(first.apply(x, SEGMENTS).toFloats()).containsExactly(1, 10, 7, 1);
      Pooling unit = new Pooling(Pooling.Kind.MEAN, true);
      assertThat(unit.apply(x, SEGMENTS).toFloats()).containsOnly(1);
    }
  }

  @Test
  void gradients_agree_with_finite_differences() {
    try (Scope scope = Scope.open()) {
      Tensor x = Rng.normal(Rng.Key.of(1), 0, 1, 8, 3).to(DType.F64);
      Tensor probe = Rng.normal(Rng.Key.of(2), 0, 1, 4, 3).to(DType.F64);
      Pooling pooling = new Pooling(Pooling.Kind.MEAN, true);
      Tensor leaf = x.copy().requireGrad(true);
      pooling.apply(leaf, SEGMENTS).mul(probe).sum().backward();
      double[] expected =
          Autograd.finiteDifferences(
              t -> pooling.apply(t, SEGMENTS).mul(probe).sum().item(), x, 1e-5);
      assertThat(leaf.grad().toDoubles()).containsExactly(expected, within(1e-8));
    }
  }

  @Test
  void a_sentence_transformers_folder_says_how(@TempDir Path folder) throws IOException {
    assertThat(Pooling.read(folder)).isEqualTo(new Pooling(Pooling.Kind.MEAN, true));
    Files.writeString(
        folder.resolve("modules.json"),
        """
        [{"type": "sentence_transformers.models.Transformer", "path": ""},
         {"type": "sentence_transformers.models.Pooling", "path": "1_Pooling"}]""");
    Path own = Files.createDirectory(folder.resolve("1_Pooling")).resolve("config.json");
    Files.writeString(own, "{\"pooling_mode_cls_token\": true}");
    assertThat(Pooling.read(folder)).isEqualTo(new Pooling(Pooling.Kind.FIRST, false));
    Files.writeString(own, "{\"pooling_mode_max_tokens\": true}");
    assertThatThrownBy(() -> Pooling.read(folder))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("only pooling by mean or by first token");
    Files.writeString(folder.resolve("modules.json"), "[{\"type\": \"a.b.Dense\"}]");
    assertThatThrownBy(() -> Pooling.read(folder)).hasMessageContaining("a.b.Dense");
  }
}
