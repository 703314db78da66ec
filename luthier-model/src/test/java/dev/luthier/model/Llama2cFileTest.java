package dev.luthier.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.model.llama.Llama2cFile;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.Rng;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Model files of llama2.c: one layer, eight wide, two heads that share their keys. */
class Llama2cFileTest {
  private static final int[] SIZES = {8, 3, 1, 2, 1, 5, 6};

  @TempDir Path folder;

  private Path file(byte[] content) throws IOException {
    return Files.write(folder.resolve("model.bin"), content);
  }

  /** The n-th weight has the value n. */
  private static byte[] model(boolean tied) {
    int elements = 40 + 8 + 64 + 32 + 32 + 64 + 8 + 3 * 24 + 8 + 6 * 4 + (tied ? 0 : 40);
    ByteBuffer out = ByteBuffer.allocate(28 + 4 * elements).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 7; i++) {
      out.putInt(i == 5 && !tied ? -SIZES[i] : SIZES[i]);
    }
    for (int i = 0; i < elements; i++) {
      out.putFloat(i);
    }
    return out.array();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void every_weight_is_found_where_it_lies(boolean tied) throws IOException {
    Pretrained read = Llama2cFile.read(file(model(tied)), null);
    Map<String, Parameter> p = Modules.ownParameters(read.model());
    assertThat(p.get("model.embed_tokens.weight").value().toFloats()).startsWith(0, 1, 2);
    float[] q = p.get("model.layers.0.self_attn.q_proj.weight").value().toFloats();
    for (int row = 0; row < 8; row++) {
      // Neighbours 0 and 1, 2 and 3 turned together; now 0 and 2, 1 and 3 of each head do.
      int from = new int[] {0, 2, 1, 3, 4, 6, 5, 7}[row];
      assertThat(q[8 * row]).isEqualTo(48 + 8 * from);
    }
    assertThat(first(p, "self_attn.v_proj")).isEqualTo(144);
    assertThat(first(p, "self_attn.o_proj")).isEqualTo(176);
    assertThat(first(p, "mlp.gate_proj")).isEqualTo(248);
    assertThat(first(p, "mlp.down_proj")).isEqualTo(272);
    assertThat(first(p, "mlp.up_proj")).isEqualTo(296);
    assertThat(p.get("model.norm.weight").value().toFloats()).startsWith(320).endsWith(327);
    assertThat(p.get("lm_head.weight").value().toFloats()).startsWith(tied ? 0 : 352);
    assertThat(read.ends()).containsExactly(2);
    assertThat(read.model().maxTokens()).isEqualTo(6);
  }

  private static float first(Map<String, Parameter> p, String name) {
    return p.get("model.layers.0." + name + ".weight").value().toFloats()[0];
  }

  @Test
  void a_damaged_file_is_refused_by_name_and_never_otherwise() throws IOException {
    byte[] whole = model(true);
    Rng.Key key = Rng.Key.of(8);
    for (int i = 0; i < 300; i++) {
      Rng.Key k = key.with(i);
      byte[] copy =
          Arrays.copyOf(whole, k.below(0, 3) == 0 ? k.below(1, whole.length) : whole.length);
      for (int j = 2; j < 4 && copy.length > 0; j++) {
        copy[k.below(j, Math.min(copy.length, 40))] = (byte) k.bits(j);
      }
      Path file = file(copy);
      try {
        assertThat(Llama2cFile.read(file, null).model().vocabulary()).isEqualTo(5);
      } catch (ModelException e) {
        assertThat(e).hasMessageContaining("model.bin");
      }
    }
    assertThatThrownBy(() -> Llama2cFile.read(file(Arrays.copyOf(whole, whole.length - 4)), null))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("bytes, but it has " + (whole.length - 4));
  }
}
