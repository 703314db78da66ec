package dev.luthier.tensor.io;

import dev.luthier.tensor.DType;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Element types that a safetensors file may name, in the format's order (files sort their data by
 * it, widest types first). Some have no counterpart among the engine's types.
 */
public enum StoredType {
  BOOL(8),
  F4(4),
  F6_E2M3(6),
  F6_E3M2(6),
  U8(8),
  I8(8),
  F8_E5M2(8),
  F8_E4M3(8),
  F8_E8M0(8),
  F8_E4M3FNUZ(8),
  F8_E5M2FNUZ(8),
  I16(16),
  U16(16),
  F16(16),
  BF16(16),
  I32(32),
  U32(32),
  F32(32),
  C64(64),
  F64(64),
  I64(64),
  U64(64);

  private static final Map<String, StoredType> BY_CODE =
      Arrays.stream(values()).collect(Collectors.toMap(Enum::name, Function.identity()));
  private static final Map<String, DType> ENGINE =
      Arrays.stream(DType.values()).collect(Collectors.toMap(DType::code, Function.identity()));

  private final int bits;

  StoredType(int bits) {
    this.bits = bits;
  }

  /** Bits of one element. */
  public int bits() {
    return bits;
  }

  /** The engine's type of the same meaning, or null if it has none. */
  public @Nullable DType dtype() {
    return ENGINE.get(name());
  }

  static @Nullable StoredType of(String code) {
    return BY_CODE.get(code);
  }

  static StoredType of(DType type) {
    return valueOf(type.code());
  }
}
