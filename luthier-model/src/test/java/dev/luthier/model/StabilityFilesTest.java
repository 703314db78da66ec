package dev.luthier.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.model.nn.Modules;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Models with norms and caps inside their layers: their files, and what cannot be asked of them.
 */
class StabilityFilesTest {
  private static final Rng.Key KEY = StabilityTest.KEY;

  @TempDir private Path folder;

  @ParameterizedTest(name = "{0} {1}, outputs {2}")
  @MethodSource("dev.luthier.model.StabilityTest#kinds")
  @Proves("p-train-stability")
  void what_is_saved_is_loaded_as_the_same_function(
      String family, String attention, boolean outputs) {
    try (Scope scope = Scope.open()) {
      Pretrained model = StabilityTest.model(family, attention, outputs);
      Modules.parameters(model.model())
          .forEach(
              (name, p) -> {
                if (p.shape().length == 1) {
                  Tensor noise = Rng.normal(KEY.with(name), 0, 0.1, p.shape());
                  p.set(p.value().detach().add(noise), DType.F32);
                }
              });
      model.save(folder, DType.F32);
      Pretrained loaded = Pretrained.load(folder, null, Rng.Key.of(9));
      assertThat(loaded.report().drawn()).isEmpty();
      assertThat(loaded.config()).isEqualTo(model.config().with("dtype", "float32"));
      assertThat(StabilityTest.hidden(loaded).sameAs(StabilityTest.hidden(model))).isTrue();
      Pretrained bare = loaded.withHead(new Head.None(), KEY);
      assertThat(StabilityTest.hidden(bare).sameAs(StabilityTest.hidden(model))).isTrue();
      loaded.stabilize(StabilityTest.how(attention, outputs), KEY);
      assertThat(StabilityTest.hidden(loaded).sameAs(StabilityTest.hidden(model)))
          .as("once more")
          .isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"luthier-llama\" | \"llama\" | model_type: must begin with luthier-",
        "\"stability\" | \"other\" | stability: is missing, which says what norms",
        "\"qk-norm-cap\" | \"norm\" | attention: 'norm' is not one of plain, qk-norm, qk-norm-cap",
        "\"qk-norm-cap\" | \"plain\" | have no place in this network",
        "\"qk-norm-cap\" | \"qkv-norm\" | have no place in this network",
        "\"cap\": 2.0 | \"cap\": 0 | cap: 0 is not a number",
      })
  @Proves("p-train-stability")
  void no_folder_is_read_without_its_norms(String there, String instead, String message)
      throws IOException {
    StabilityTest.model("llama", "qk-norm-cap", false).save(folder, DType.F32);
    Path config = folder.resolve("config.json");
    String written = Files.readString(config).replaceAll("\\s*:\\s*", ": ");
    assertThat(written).contains("\"model_type\": \"luthier-llama\"").contains(there);
    Files.writeString(config, written.replace(there, instead));
    assertThatThrownBy(() -> Pretrained.load(folder, null, KEY))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining(message.strip());
  }

  @Test
  void an_encoder_has_no_norm_before_attention_to_do_without() {
    assertThatThrownBy(
            () -> StabilityTest.bert().stabilize(StabilityTest.how("qkv-norm", false), KEY))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("take qk-norm or qk-norm-cap");
  }

  @Test
  void layers_are_changed_once() {
    Pretrained model = StabilityTest.model("llama", "qk-norm", false);
    assertThatThrownBy(() -> model.stabilize(StabilityTest.how("qk-norm", true), KEY))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("of the kind qk-norm already, and cannot become qk-norm, outputs");
  }
}
