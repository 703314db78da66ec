package dev.luthier.train.peft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.model.Pretrained;
import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Modules;
import dev.luthier.tensor.Rng;
import dev.luthier.train.TrainingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DamagedAdapterTest {
  private static final String CONFIG = "adapter_config.json";
  private static final String TENSORS = "adapter_model.safetensors";

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({CONFIG + ", 1200", TENSORS + ", 600"})
  void any_damage_is_an_error_that_changes_nothing_or_is_read_as_it_is(String file, int times)
      throws IOException {
    Path from = GoldenAdapter.of("bert-rank-and-alpha-pattern").folder();
    Files.copy(from.resolve(CONFIG), folder.resolve(CONFIG));
    Files.copy(from.resolve(TENSORS), folder.resolve(TENSORS));
    byte[] whole = Files.readAllBytes(from.resolve(file));
    Pretrained base = GoldenAdapter.base("base-bert");
    int refused = 0;
    for (int n = 0; n < times; n++) {
      Files.write(folder.resolve(file), damaged(whole, Rng.Key.of(n)));
      try {
        PeftFolder.load(folder, base);
        base = GoldenAdapter.base("base-bert");
      } catch (TrainingException e) {
        assertThat(e).hasMessageContaining(folder.getFileName().toString());
        assertThat(Modules.all(base.model(), Linear.class).values())
            .allMatch(layer -> layer.delta() == null);
        refused++;
      }
    }
    assertThat(refused).isBetween(times / 20, times - 1);
  }

  /** Some bytes changed, or the end cut off, or a piece put in twice. */
  private static byte[] damaged(byte[] whole, Rng.Key key) {
    byte[] out = whole.clone();
    int at = key.below(0, out.length);
    switch (key.below(1, 4)) {
      case 0 -> out = Arrays.copyOf(out, at);
      case 1 -> System.arraycopy(whole, 0, out, at, out.length - at);
      case 2 -> out[at] = (byte) key.below(2, 256);
      default -> {
        for (int i = 0; i < 4; i++) {
          out[key.below(i + 3, out.length)] = (byte) "0129{}[]\",:.ntf".charAt(key.below(i, 15));
        }
      }
    }
    return out;
  }
}
