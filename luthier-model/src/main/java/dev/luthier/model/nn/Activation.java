package dev.luthier.model.nn;

import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Activation functions under the names that checkpoints use for them. */
public enum Activation {
  GELU("gelu"),
  GELU_NEW("gelu_new"),
  GELU_PYTORCH_TANH("gelu_pytorch_tanh"),
  RELU("relu"),
  SILU("silu"),
  TANH("tanh");

  private final String code;

  Activation(String code) {
    this.code = code;
  }

  /**
   * Finds the function by its name in {@code config.json}.
   *
   * @throws IllegalArgumentException listing the known names
   */
  public static Activation of(String code) {
    for (Activation a : values()) {
      if (a.code.equals(code)) {
        return a;
      }
    }
    throw new IllegalArgumentException(
        "activation '"
            + code
            + "' is not one of "
            + Arrays.stream(values()).map(a -> a.code).collect(Collectors.joining(", ")));
  }

  /** Applies the function element by element. */
  public Tensor apply(Tensor x) {
    return switch (this) {
      case GELU -> Functional.gelu(x);
      case GELU_NEW, GELU_PYTORCH_TANH -> Functional.geluTanh(x);
      case RELU -> Functional.relu(x);
      case SILU -> Functional.silu(x);
      case TANH -> x.tanh();
    };
  }
}
