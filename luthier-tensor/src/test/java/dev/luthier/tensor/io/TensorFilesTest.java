package dev.luthier.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Proves("hf-checkpoint")
class TensorFilesTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden/safetensors");

  @TempDir Path folder;

  private Path file() {
    return folder.resolve("model.safetensors");
  }

  @ParameterizedTest
  @ValueSource(strings = {"types", "names", "nothing", "no-metadata"})
  void files_of_the_format_s_own_library_are_written_again_to_the_same_bytes(String name)
      throws IOException {
    Path golden = GOLDEN.resolve(name + ".safetensors");
    try (Scope s = Scope.open();
        TensorFile f = TensorFile.open(golden)) {
      TensorFiles.write(file(), all(f), f.metadata());
    }
    assertThat(file()).hasSameBinaryContentAs(golden);
  }

  @Test
  void values_written_by_the_format_s_own_library_are_read() {
    try (Scope s = Scope.open();
        TensorFile f = TensorFile.open(GOLDEN.resolve("types.safetensors"))) {
      for (DType type : DType.values()) {
        String prefix = torchName(type);
        Tensor expected = Tensor.arange(15).to(DType.F64).to(type).view(3, 5);
        assertThat(f.tensor(prefix + ".odd").sameAs(expected)).as(prefix).isTrue();
        assertThat(f.tensor(prefix + ".scalar").shape()).isEmpty();
        assertThat(f.tensor(prefix + ".empty").shape()).containsExactly(0, 2);
      }
    }
  }

  private static String torchName(DType type) {
    return switch (type) {
      case BOOL -> "bool";
      case U8 -> "uint8";
      case I8 -> "int8";
      case F8_E5M2 -> "float8_e5m2";
      case F8_E4M3 -> "float8_e4m3fn";
      case I16 -> "int16";
      case U16 -> "uint16";
      case F16 -> "float16";
      case BF16 -> "bfloat16";
      case I32 -> "int32";
      case U32 -> "uint32";
      case F32 -> "float32";
      case C64 -> "complex64";
      case F64 -> "float64";
      case I64 -> "int64";
      case U64 -> "uint64";
    };
  }

  private static Map<String, Tensor> all(TensorFile f) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    f.names().forEach(n -> tensors.put(n, f.tensor(n)));
    return tensors;
  }

  @Test
  void shards_are_those_of_the_ecosystem() throws IOException {
    Path golden = GOLDEN.resolve("sharded");
    List<Path> written;
    try (Scope s = Scope.open();
        TensorFile f = TensorFile.open(golden.resolve("model.safetensors.index.json"))) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      f.names().stream().sorted().forEach(n -> tensors.put(n, f.tensor(n)));
      assertThat(f.metadata()).isEqualTo(TensorFiles.DEFAULT_METADATA);
      written = TensorFiles.writeSharded(folder, "model", tensors, f.metadata(), 200);
    }
    assertThat(written).hasSize(5);
    for (Path p : written.subList(0, 4)) {
      assertThat(p).hasSameBinaryContentAs(golden.resolve(p.getFileName()));
    }
    assertThat(written.get(4))
        .content()
        .startsWith(
            "{\n  \"metadata\": {\n    \"total_parameters\": 160,\n    \"total_size\": 640\n")
        .contains("    \"layer.4.weight\": \"model-00003-of-00004.safetensors\"\n")
        .endsWith("  }\n}\n");
  }

  @Test
  void another_save_of_the_same_stem_leaves_nothing_of_the_one_before() throws IOException {
    try (Scope s = Scope.open()) {
      Map<String, Tensor> two =
          Map.of("a", Tensor.ones(DType.F32, 4), "b", Tensor.ones(DType.F32, 4));
      Files.writeString(folder.resolve("model.safetensors.txt"), "not ours");
      TensorFiles.writeSharded(folder, "model", two, Map.of(), 1000);
      assertThat(names()).containsExactly("model.safetensors", "model.safetensors.txt");
      TensorFiles.writeSharded(folder, "model", two, Map.of(), 16);
      assertThat(names())
          .containsExactly(
              "model-00001-of-00002.safetensors",
              "model-00002-of-00002.safetensors",
              "model.safetensors.index.json",
              "model.safetensors.txt");
      TensorFiles.writeSharded(folder, "model", two, Map.of(), 1000);
      assertThat(names()).containsExactly("model.safetensors", "model.safetensors.txt");
    }
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void values_that_do_not_lie_in_a_row_are_written_in_row_major_order() {
    try (Scope s = Scope.open()) {
      Tensor t = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3).transpose(0, 1);
      TensorFiles.write(file(), Map.of("t", t));
      try (TensorFile f = TensorFile.open(file())) {
        assertThat(f.tensor("t").toFloats()).containsExactly(1, 4, 2, 5, 3, 6);
      }
    }
  }

  @Test
  void metadata_is_not_a_name_for_a_tensor() {
    try (Scope s = Scope.open()) {
      Tensor t = Tensor.ones(DType.F32);
      assertThatThrownBy(() -> TensorFiles.write(file(), Map.of("__metadata__", t)))
          .isInstanceOf(TensorFileException.class)
          .hasMessageContaining("cannot be called __metadata__");
      assertThatThrownBy(() -> TensorFiles.write(file(), Map.of("\uD800", t)))
          .isInstanceOf(TensorFileException.class)
          .hasMessageContaining("surrogate");
      assertThat(file()).doesNotExist();
    }
  }

  @Test
  void tensors_that_share_memory_are_refused() {
    try (Scope s = Scope.open()) {
      Tensor t = Tensor.ones(DType.F32, 4, 2);
      for (Tensor alias : List.of(t, t.transpose(0, 1), t.narrow(0, 3, 1), t.detach())) {
        assertThatThrownBy(() -> TensorFiles.write(file(), Map.of("a", t, "b", alias)))
            .isInstanceOf(TensorFileException.class)
            .hasMessageContaining("share memory");
      }
      TensorFiles.write(file(), Map.of("a", t.narrow(0, 0, 2), "b", t.narrow(0, 2, 2)));
      TensorFiles.write(file(), Map.of("a", t, "b", t.copy(), "c", t.narrow(0, 0, 0)));
    }
  }

  @Test
  void failed_write_leaves_the_old_file_and_nothing_else() throws IOException {
    try (Scope s = Scope.open()) {
      TensorFiles.write(file(), Map.of("a", Tensor.ones(DType.F32, 4)));
    }
    byte[] old = Files.readAllBytes(file());
    assertThatThrownBy(
            () ->
                StagedFile.replace(
                    file(),
                    0,
                    out -> {
                      out.write(ByteBuffer.allocate(100));
                      throw new IOException("No space left on device");
                    }))
        .isInstanceOf(TensorFileException.class)
        .hasMessageContaining("model.safetensors: cannot be written: No space left on device")
        .hasMessageContaining("the file that was there is unchanged");
    assertThatThrownBy(
            () ->
                StagedFile.replace(
                    file(),
                    0,
                    out -> {
                      throw new UncheckedIOException(new IOException());
                    }))
        .isInstanceOf(UncheckedIOException.class);
    assertThat(Files.readAllBytes(file())).isEqualTo(old);
    assertThat(names()).containsExactly("model.safetensors");
  }

  @Test
  void write_that_cannot_fit_is_refused_before_it_begins() {
    assertThatThrownBy(() -> StagedFile.replace(file(), Long.MAX_VALUE, out -> {}))
        .isInstanceOf(TensorFileException.class)
        .hasMessageContaining("the disk is full: 9223372036854775807 bytes are needed");
  }

  @Test
  void write_into_a_folder_that_is_not_there_says_so() {
    Path nowhere = folder.resolve("no").resolve("m.safetensors");
    assertThatThrownBy(() -> TensorFiles.write(nowhere, Map.of()))
        .isInstanceOf(TensorFileException.class)
        .hasMessageContaining("there is no such folder");
  }
}
