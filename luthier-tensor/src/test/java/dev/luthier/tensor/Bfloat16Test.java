package dev.luthier.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Bfloat16Test {
  private static final Rng.Key KEY = Rng.Key.of(8);

  /** The distance of bfloat16 numbers from 1 to 2. */
  private static final double UNIT = 1.0 / 128;

  @TempDir Path root;

  @ParameterizedTest
  @ValueSource(doubles = {1.001, 1.0037, -1.0001, 3.3e-30, 7.77e20})
  void random_rounding_is_unbiased(double value) {
    try (Scope s = Scope.open()) {
      int n = 200_000;
      Tensor x = Tensor.full(value, DType.F32, n);
      double exact = x.toFloats()[0];
      double distance = Math.scalb(UNIT, Math.getExponent(exact));
      Tensor rounded = Rng.roundToBfloat16(KEY, x);
      assertThat(rounded.dtype()).isEqualTo(DType.BF16);
      double mean = rounded.to(DType.F64).mean().item();
      // Six standard errors of the mean of a two-valued draw, whose deviation is at most half.
      assertThat(mean).isCloseTo(exact, within(6 * distance / 2 / Math.sqrt(n)));
      double[] seen = rounded.toDoubles();
      assertThat(seen).contains(seen[0] + (seen[0] < exact ? distance : -distance));
      for (double v : seen) {
        assertThat(Math.abs(v - exact)).isLessThan(distance);
      }
    }
  }

  @Test
  void random_rounding_is_a_function_of_the_key() {
    try (Scope s = Scope.open()) {
      Tensor x = Rng.normal(KEY, 0, 1, 7, 33);
      Tensor once = Rng.roundToBfloat16(KEY, x);
      assertThat(once.shape()).containsExactly(7, 33);
      assertThat(Rng.roundToBfloat16(KEY, x).sameAs(once)).isTrue();
      assertThat(Rng.roundToBfloat16(KEY.with(1), x).sameAs(once)).isFalse();
    }
  }

  @Test
  void random_rounding_leaves_what_is_bfloat16_already_and_what_is_infinite() {
    try (Scope s = Scope.open()) {
      float[] exact = {0, -0f, 1, -1.5f, 0.0078125f, Float.POSITIVE_INFINITY, -1e38f};
      exact[6] = Tensor.of(exact, 7).to(DType.BF16).toFloats()[6];
      for (int draw = 0; draw < 50; draw++) {
        assertThat(Rng.roundToBfloat16(KEY.with(draw), Tensor.of(exact, 7)).toFloats())
            .containsExactly(exact);
      }
      assertThatThrownBy(() -> Rng.roundToBfloat16(KEY, Tensor.zeros(DType.F64, 2)))
          .hasMessageContaining("float32");
    }
  }

  @Test
  void product_through_float32_equals_the_engines_but_for_rounding() {
    try (Scope s = Scope.open()) {
      Tensor[] a = factors();
      Tensor[] b = factors();
      Tensor ours = Bfloat16Linear.apply(a[0], a[1], a[2]);
      Tensor exact = Functional.linear(b[0].to(DType.F64), b[1].to(DType.F64), b[2].to(DType.F64));
      assertThat(ours.dtype()).isEqualTo(DType.BF16);
      assertClose(ours, exact);
      Tensor direction = Rng.normal(KEY.with("dy"), 0, 1, 5, 4).to(DType.BF16);
      ours.mul(direction).sum().backward();
      exact.mul(direction.to(DType.F64)).sum().backward();
      for (int i = 0; i < 3; i++) {
        assertThat(a[i].grad().dtype()).isEqualTo(DType.BF16);
        assertClose(a[i].grad(), b[i].grad());
      }
      assertClose(Bfloat16Linear.apply(a[0], a[1], null), exact.sub(b[2].to(DType.F64)));
    }
  }

  private static Tensor[] factors() {
    return new Tensor[] {
      Rng.normal(KEY.with("x"), 0, 1, 5, 3).to(DType.BF16).requireGrad(true),
      Rng.normal(KEY.with("w"), 0, 1, 4, 3).to(DType.BF16).requireGrad(true),
      Rng.normal(KEY.with("b"), 0, 1, 4).to(DType.BF16).requireGrad(true)
    };
  }

  private static void assertClose(Tensor found, Tensor expected) {
    double largest = expected.detach().abs().max().item();
    assertThat(found.detach().to(DType.F64).sub(expected.detach()).abs().max().item())
        .isLessThan(largest * UNIT);
  }

  @Test
  void changes_in_place_are_counted_also_those_of_the_fused_optimizer() {
    try (Scope s = Scope.open()) {
      Tensor p = Tensor.ones(DType.F32, 2, 2).requireGrad(true);
      Tensor g = Tensor.ones(DType.F32, 2, 2);
      long before = p.version();
      Optim.fusedAdamW(
          List.of(p),
          List.of(g),
          List.of(g.zerosLike()),
          List.of(g.zerosLike()),
          List.of(Tensor.ones(DType.F32)),
          0.1,
          0.9,
          0.99,
          0,
          1e-8);
      assertThat(p.version()).isGreaterThan(before);
      assertThat(p.toFloats()).containsOnly(0.9f);
      long after = p.version();
      p.detach().copyFrom(g);
      assertThat(p.version()).isGreaterThan(after);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "AuthenticAMD, avx512f avx512_bf16, true",
    "GenuineIntel, avx512f avx512_bf16, false",
    "GenuineIntel, avx512f avx512_bf16 amx_bf16, true",
    "AuthenticAMD, avx2, false"
  })
  void bfloat16_is_multiplied_as_such_where_the_processor_is_made_for_it(
      String vendor, String flags, boolean expected) throws IOException {
    Files.createDirectories(root.resolve("proc"));
    Files.writeString(
        root.resolve("proc/cpuinfo"), "vendor_id\t: " + vendor + "\nflags\t\t: " + flags + "\n");
    assertThat(Engine.multipliesBfloat16(machine(Map.of()))).isEqualTo(expected);
    assertThat(Engine.multipliesBfloat16(machine(Map.of("luthier.bfloat16-matmul", "native"))))
        .isTrue();
    assertThatThrownBy(
            () -> Engine.multipliesBfloat16(machine(Map.of("luthier.bfloat16-matmul", "fast"))))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("native or float32");
  }

  private Machine machine(Map<String, String> properties) {
    return new Machine(root, properties, Map.of(), name -> true);
  }
}
