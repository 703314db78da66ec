package dev.luthier.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorFileFuzzTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden/safetensors");
  private static final int FILES = 20_000;

  @TempDir Path folder;

  @Test
  void damaged_files_are_refused_or_read_exactly() throws IOException {
    List<byte[]> originals = originals();
    Path file = folder.resolve("f.safetensors");
    int accepted = 0;
    for (int i = 0; i < FILES; i++) {
      byte[] content = new Mutator(originals, Rng.Key.of(1).with(i)).next();
      Files.write(file, content);
      try (Scope s = Scope.open();
          TensorFile f = TensorFile.open(file)) {
        accepted++;
        requireExact(f, content, i);
      } catch (TensorFileException refused) {
        assertThat(refused).hasMessageStartingWith(file.toString());
      }
    }
    assertThat(accepted)
        .as("accepted files, for the test to mean something")
        .isBetween(500, 10_000);
  }

  /** Tensors lie one behind the other, from the end of the header to the end of the file. */
  private static void requireExact(TensorFile f, byte[] content, int i) {
    long header = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).getLong();
    int at = Math.toIntExact(8 + header);
    for (String name : f.names()) {
      TensorInfo info = f.info(name);
      int end = Math.toIntExact(at + info.bytes());
      if (info.type().dtype() != null) {
        try {
          assertThat(f.tensor(name).toBytes())
              .as("file %d, tensor '%s'", i, name)
              .isEqualTo(Arrays.copyOfRange(content, at, end));
        } catch (TensorFileException tooManyElements) {
          assertThat(info.bytes()).isZero();
        }
      }
      at = end;
    }
    assertThat(at).isEqualTo(content.length);
  }

  private static List<byte[]> originals() throws IOException {
    List<byte[]> all = new ArrayList<>();
    for (String name : List.of("types", "names", "nothing", "no-metadata")) {
      all.add(Files.readAllBytes(GOLDEN.resolve(name + ".safetensors")));
    }
    all.add(
        Raw.file(
            """
            {"__metadata__":{"a":"b"},"x":{"dtype":"F4","shape":[2,3],"data_offsets":[0,3]},
            "y":{"dtype":"F8_E8M0","shape":[4],"data_offsets":[3,7]},
            "z":{"dtype":"I16","shape":[2],"data_offsets":[7,11]}}""",
            11));
    return all;
  }
}
