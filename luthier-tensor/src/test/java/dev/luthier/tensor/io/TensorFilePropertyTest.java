package dev.luthier.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class TensorFilePropertyTest {
  /** What a tensor of a generated file is made of. */
  record Spec(DType type, List<Long> sizes, long seed) {
    Tensor make() {
      long[] shape = sizes.stream().mapToLong(Long::longValue).toArray();
      int n = (int) LongStream.of(shape).reduce(1, (a, b) -> a * b);
      Tensor values = Rng.uniform(Rng.Key.of(seed), 0, 100, n);
      return values.to(type).reshape(shape);
    }
  }

  @Provide
  Arbitrary<Map<String, Spec>> contents() {
    Arbitrary<Spec> specs =
        Combinators.combine(
                Arbitraries.of(DType.class),
                Arbitraries.longs().between(0, 5).list().ofMaxSize(4),
                Arbitraries.longs())
            .as(Spec::new);
    Arbitrary<String> names =
        Arbitraries.strings()
            .ofMaxLength(12)
            .filter(n -> n.codePoints().noneMatch(c -> c >= 0xD800 && c <= 0xDFFF));
    return Arbitraries.maps(names, specs).ofMaxSize(8);
  }

  @Property(tries = 300)
  void what_is_written_is_read_and_written_again_to_the_same_bytes(
      @ForAll("contents") Map<String, Spec> contents) throws IOException {
    Path file = Files.createTempFile("property", ".safetensors");
    try (Scope s = Scope.open()) {
      Map<String, Tensor> tensors = new TreeMap<>();
      contents.forEach((name, spec) -> tensors.put(name, spec.make()));
      TensorFiles.write(file, tensors);
      byte[] first = Files.readAllBytes(file);
      Map<String, Tensor> read = new TreeMap<>();
      try (TensorFile f = TensorFile.open(file)) {
        f.names().forEach(n -> read.put(n, f.tensor(n)));
        assertThat(f.metadata()).isEqualTo(TensorFiles.DEFAULT_METADATA);
      }
      assertThat(read.keySet()).isEqualTo(tensors.keySet());
      read.forEach((n, t) -> assertThat(t.sameAs(tensors.get(n))).as(n).isTrue());
      TensorFiles.write(file, read);
      assertThat(Files.readAllBytes(file)).isEqualTo(first);
    } finally {
      Files.delete(file);
    }
  }
}
