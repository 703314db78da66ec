package dev.luthier.model.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.model.rope.PlainRope;
import dev.luthier.model.rope.RotaryEmbedding;
import dev.luthier.model.rope.Rotation;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.tensor.TensorException;
import dev.luthier.testing.Proves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddingTest {
  private static final Rng.Key KEY = Rng.Key.of(8);

  private static Embedding table(int rows, DType type) {
    Embedding table = new Embedding(rows, 3, 0.5);
    table.weight().set(Rng.normal(KEY.with("old"), 0, 1, rows, 3), type);
    return table;
  }

  @Test
  @Proves("comp-embeddings")
  void ids_get_their_rows_and_an_id_without_a_row_is_an_error() {
    try (Scope scope = Scope.open()) {
      Embedding table = table(5, DType.F32);
      double[] all = table.weight().value().toDoubles();
      double[] found = table.forward(Tensor.of(new long[] {4, 0, 4}, 3)).toDoubles();
      assertThat(found)
          .containsExactly(
              all[12], all[13], all[14], all[0], all[1], all[2], all[12], all[13], all[14]);
      for (long beyond : new long[] {5, -1, 1L << 40}) {
        Tensor ids = Tensor.of(new long[] {0, beyond}, 2);
        assertThatThrownBy(() -> table.forward(ids)).isInstanceOf(TensorException.class);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {9, 5, 2})
  @Proves("comp-embeddings")
  void a_table_of_another_length_keeps_its_first_rows(int rows) {
    try (Scope scope = Scope.open()) {
      for (DType type : new DType[] {DType.F32, DType.BF16}) {
        Embedding old = table(5, type);
        Embedding resized = old.resized(rows, KEY.with("new"));
        Tensor value = resized.weight().value();
        int kept = Math.min(rows, 5);
        assertThat(value.describe()).isEqualTo(type + "[" + rows + ", 3]");
        assertThat(value.narrow(0, 0, kept).sameAs(old.weight().value().narrow(0, 0, kept)))
            .isTrue();
        assertThat(value.requiresGrad()).isTrue();
        if (rows > kept) {
          double[] drawn = value.narrow(0, kept, (long) rows - kept).toDoubles();
          assertThat(drawn).doesNotContain(0).hasSizeGreaterThan(8);
          Embedding other = old.resized(rows, KEY.with("other"));
          assertThat(other.weight().value().sameAs(value)).isFalse();
        }
      }
    }
  }

  @Test
  @Proves("comp-embeddings")
  void rotary_positions_leave_lengths_and_make_products_depend_on_the_distance_alone() {
    try (Scope scope = Scope.open()) {
      Rotation turn =
          new RotaryEmbedding(new PlainRope(8, 10000))
              .rotation(new Segments(new int[] {12}, new long[1]))
              .to(DType.F64, dev.luthier.tensor.Device.CPU);
      Tensor q = Rng.normal(KEY.with("q"), 0, 1, 1, 1, 8).to(DType.F64);
      Tensor k = Rng.normal(KEY.with("k"), 0, 1, 1, 1, 8).to(DType.F64);
      Tensor everywhere = Tensor.ones(DType.F64, 12, 1, 1);
      Tensor turned = turn.apply(q.mul(everywhere)).view(12, 8);
      Tensor keys = turn.apply(k.mul(everywhere)).view(12, 8);
      double[] products = turned.matmul(keys.transpose(0, 1)).toDoubles();
      double[] lengths = turned.pow(2).sum(1).toDoubles();
      for (int i = 0; i < 12; i++) {
        assertThat(lengths[i]).isCloseTo(q.pow(2).sum().item(), within(1e-6));
        for (int j = 0; j + 1 < 12 && i + 1 < 12; j++) {
          assertThat(products[(i + 1) * 12 + j + 1]).isCloseTo(products[i * 12 + j], within(1e-5));
        }
      }
      assertThat(products[1]).isNotCloseTo(products[0], within(1e-3));
    }
  }
}
