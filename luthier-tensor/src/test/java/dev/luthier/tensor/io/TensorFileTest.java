package dev.luthier.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Memory;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Proves("hf-checkpoint")
class TensorFileTest {
  @TempDir Path folder;

  private Path file() {
    return folder.resolve("model.safetensors");
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void every_element_type_comes_back_bit_for_bit(DType type) {
    try (Scope s = Scope.open()) {
      Tensor t = Tensor.of(new double[] {0, 1, 2, 3, 4, 5}, 2, 3).to(type);
      TensorFiles.write(file(), Map.of("t", t));
      try (TensorFile f = TensorFile.open(file())) {
        assertThat(f.info("t").type().dtype()).isEqualTo(type);
        assertThat(f.tensor("t").sameAs(t)).isTrue();
      }
    }
  }

  @Test
  void tensors_stay_valid_after_the_file_is_closed_and_even_replaced() {
    try (Scope s = Scope.open()) {
      TensorFiles.write(file(), Map.of("a", Tensor.full(7, DType.F32, 1000)));
      Tensor a;
      try (TensorFile f = TensorFile.open(file())) {
        a = f.tensor("a");
      }
      TensorFiles.write(file(), Map.of("a", Tensor.full(8, DType.F32, 1000)));
      assertThat(a.sum().item()).isEqualTo(7000);
    }
  }

  @Test
  void tensors_of_a_file_share_its_pages_and_changing_them_leaves_the_file_alone()
      throws IOException {
    try (Scope s = Scope.open()) {
      TensorFiles.write(file(), Map.of("a", Tensor.ones(DType.F32, 8)));
      byte[] before = Files.readAllBytes(file());
      try (TensorFile f = TensorFile.open(file())) {
        Tensor a = f.tensor("a");
        assertThat(Memory.extent(a)).isEqualTo(Memory.extent(f.tensor("a")));
        a.fill(5);
        assertThat(f.tensor("a").sum().item()).isEqualTo(40);
      }
      assertThat(Files.readAllBytes(file())).isEqualTo(before);
      try (TensorFile f = TensorFile.open(file())) {
        assertThat(f.tensor("a").sum().item()).isEqualTo(8);
      }
    }
  }

  @Test
  void unaligned_data_is_copied() {
    String json = "{\"a\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}} ";
    byte[] content = Raw.file(json, 8);
    assertThat(json.length() % 8).isNotZero();
    try (Scope s = Scope.open();
        TensorFile f = TensorFile.open(Raw.write(folder, content))) {
      assertThat(f.tensor("a").toLongs()).containsExactly(0x0807060504030201L);
    }
  }

  @Test
  void names_with_any_letters_in_folders_with_any_letters() throws IOException {
    Path odd = Files.createDirectory(folder.resolve("a b"));
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    try (Scope s = Scope.open()) {
      for (String n : new String[] {"", "\u00e9", "\"\\/\b\f\n\r\t\u0001\u007f", "\uD83D\uDE00"}) {
        tensors.put(n, Tensor.full(tensors.size(), DType.F32));
      }
      TensorFiles.write(odd.resolve("m.safetensors"), tensors, Map.of("\u00e9\n", "\u0002"));
      try (TensorFile f = TensorFile.open(odd.resolve("m.safetensors"))) {
        assertThat(f.names()).containsExactlyInAnyOrderElementsOf(tensors.keySet());
        tensors.forEach((n, t) -> assertThat(f.tensor(n).sameAs(t)).isTrue());
        assertThat(f.metadata()).containsExactly(Map.entry("\u00e9\n", "\u0002"));
      }
    }
  }

  @Test
  void missing_name_is_answered_with_the_nearest() {
    try (Scope s = Scope.open()) {
      TensorFiles.write(
          file(),
          Map.of(
              "bert.pooler.dense.weight", Tensor.ones(DType.F32),
              "bert.encoder.layer.0.attention.self.query.weight", Tensor.ones(DType.F32)));
      try (TensorFile f = TensorFile.open(file())) {
        assertThatThrownBy(() -> f.tensor("encoder.layer.0.attention.self.query.weight"))
            .isInstanceOf(TensorFileException.class)
            .hasMessageContaining(
                "the nearest is 'bert.encoder.layer.0.attention.self.query.weight'");
      }
    }
  }

  @Test
  void file_that_changed_after_it_was_opened_is_refused() throws IOException {
    try (Scope s = Scope.open()) {
      TensorFiles.write(file(), Map.of("a", Tensor.ones(DType.F32, 2)));
      try (TensorFile f = TensorFile.open(file())) {
        TensorFiles.write(file(), Map.of("b", Tensor.ones(DType.F32, 3)));
        assertThatThrownBy(() -> f.tensor("a"))
            .isInstanceOf(TensorFileException.class)
            .hasMessageContaining("was changed since it was opened");
      }
    }
  }

  @Test
  void closed_file_gives_no_more_tensors() {
    try (Scope s = Scope.open()) {
      TensorFiles.write(file(), Map.of("a", Tensor.ones(DType.F32, 2)));
      TensorFile f = TensorFile.open(file());
      f.close();
      assertThatThrownBy(() -> f.tensor("a")).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void folder_and_absent_file_are_named() {
    assertThatThrownBy(() -> TensorFile.open(folder)).hasMessageContaining("is a folder");
    assertThatThrownBy(() -> TensorFile.open(file())).hasMessageContaining("no such file");
  }
}
