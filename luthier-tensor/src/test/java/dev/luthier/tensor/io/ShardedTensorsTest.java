package dev.luthier.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Proves("hf-checkpoint")
class ShardedTensorsTest {
  @TempDir Path folder;

  @BeforeEach
  void write_two_shards() {
    try (Scope s = Scope.open()) {
      Map<String, Tensor> tensors = new TreeMap<>();
      tensors.put("a", Tensor.full(1, DType.F32, 2));
      tensors.put("b", Tensor.full(2, DType.F32, 2));
      tensors.put("c", Tensor.full(3, DType.F32, 2));
      TensorFiles.writeSharded(folder, "m", tensors, TensorFiles.DEFAULT_METADATA, 16);
    }
  }

  private Path index() {
    return folder.resolve("m.safetensors.index.json");
  }

  private void map(String weightMap) throws IOException {
    Files.writeString(index(), "{\"weight_map\":" + weightMap + "}");
  }

  private void refused(String message) {
    assertThatThrownBy(() -> TensorFile.open(index()))
        .isInstanceOf(TensorFileException.class)
        .hasMessageStartingWith(index().toString())
        .hasMessageContaining(message);
  }

  @Test
  void tensors_are_found_in_whichever_shard_holds_them() {
    try (Scope s = Scope.open();
        TensorFile f = TensorFile.open(index())) {
      assertThat(f.names()).containsExactly("a", "b", "c");
      assertThat(f.tensor("b").sum().item()).isEqualTo(4);
      assertThat(f.tensor("c").sum().item()).isEqualTo(6);
      assertThat(f.info("c").shape()).containsExactly(2);
      assertThat(f.metadata()).containsExactly(Map.entry("format", "pt"));
      assertThatThrownBy(() -> f.tensor("d")).hasMessageContaining("has no tensor 'd'");
    }
  }

  @Test
  void shard_that_lacks_a_tensor_of_the_index_is_refused() throws IOException {
    map(
        """
        {"a":"m-00001-of-00002.safetensors","b":"m-00001-of-00002.safetensors",
         "c":"m-00002-of-00002.safetensors","d":"m-00002-of-00002.safetensors"}""");
    refused("m-00002-of-00002.safetensors: the shard lacks 'd'");
  }

  @Test
  void shard_with_a_tensor_the_index_does_not_name_is_refused() throws IOException {
    map("{\"a\":\"m-00001-of-00002.safetensors\",\"c\":\"m-00002-of-00002.safetensors\"}");
    refused("m-00001-of-00002.safetensors: the index does not name 'b'");
  }

  @Test
  void missing_shard_is_named() throws IOException {
    Files.delete(folder.resolve("m-00002-of-00002.safetensors"));
    refused("the shard m-00002-of-00002.safetensors is missing");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../m-00001-of-00002.safetensors",
        "/etc/passwd",
        "x/../m-00001-of-00002.safetensors",
        "./m-00001-of-00002.safetensors",
        "..\\\\m-00001-of-00002.safetensors",
        "C:m-00001-of-00002.safetensors",
        "..",
        ".",
        "",
        "m\\u0000.safetensors"
      })
  void shard_names_that_lead_out_of_the_folder_are_not_followed(String name) throws IOException {
    map("{\"a\":\"" + name + "\"}");
    refused("not a file beside the index");
  }

  @Test
  void index_that_makes_no_sense_is_refused() throws IOException {
    map("{\"a\":3}");
    refused("'a' does not name a file");
    map("[]");
    refused("has no weight_map");
    map("{\"a\":\"x\",\"a\":\"y\"}");
    refused("Duplicate");
    Files.writeString(index(), "{} {}");
    refused("not valid JSON");
    Files.writeString(index(), "");
    refused("has no weight_map");
  }
}
