package dev.luthier.tensor;

import org.bytedeco.pytorch.global.torch.ScalarType;

/** Element types. The order is the one in which safetensors files sort them. */
public enum DType {
  BOOL("BOOL", 1, ScalarType.Bool),
  U8("U8", 1, ScalarType.Byte),
  I8("I8", 1, ScalarType.Char),
  F8_E5M2("F8_E5M2", 1, ScalarType.Float8_e5m2),
  F8_E4M3("F8_E4M3", 1, ScalarType.Float8_e4m3fn),
  I16("I16", 2, ScalarType.Short),
  U16("U16", 2, ScalarType.UInt16),
  F16("F16", 2, ScalarType.Half),
  BF16("BF16", 2, ScalarType.BFloat16),
  I32("I32", 4, ScalarType.Int),
  U32("U32", 4, ScalarType.UInt32),
  F32("F32", 4, ScalarType.Float),
  C64("C64", 8, ScalarType.ComplexFloat),
  F64("F64", 8, ScalarType.Double),
  I64("I64", 8, ScalarType.Long),
  U64("U64", 8, ScalarType.UInt64);

  private static final DType[] ALL = values();

  private final String code;
  private final int bytes;
  private final ScalarType scalarType;

  DType(String code, int bytes, ScalarType scalarType) {
    this.code = code;
    this.bytes = bytes;
    this.scalarType = scalarType;
  }

  /** The name in safetensors files, for instance {@code "BF16"}. */
  public String code() {
    return code;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  /** Whether values are floating-point numbers, which is what a gradient needs. */
  public boolean isFloating() {
    return switch (this) {
      case F8_E5M2, F8_E4M3, F16, BF16, F32, F64 -> true;
      default -> false;
    };
  }

  ScalarType scalarType() {
    return scalarType;
  }

  static DType of(ScalarType type) {
    ScalarType wanted = type.intern();
    for (DType d : ALL) {
      if (d.scalarType == wanted) {
        return d;
      }
    }
    throw new TensorException("element type " + wanted + " is not supported");
  }
}
