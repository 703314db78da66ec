package dev.luthier.tensor;

import org.bytedeco.pytorch.global.torch;

/**
 * Where a tensor lives.
 *
 * @param kind the kind of processor
 * @param index which one of its kind, from 0; always 0 for the CPU
 */
public record Device(Kind kind, int index) {
  /** Kinds of processor. */
  public enum Kind {
    /** The host's processor. */
    CPU,
    /** An NVIDIA GPU; needs the {@code cuda} build profile. */
    CUDA
  }

  /** The host's processor. */
  public static final Device CPU = new Device(Kind.CPU, 0);

  /** The NVIDIA GPU of the given index. */
  public static Device cuda(int index) {
    return new Device(Kind.CUDA, index);
  }

  /**
   * Reads {@code cpu}, {@code cuda} or {@code cuda:1}.
   *
   * @throws IllegalArgumentException if the text is none of these
   */
  public static Device parse(String text) {
    if (text.equals("cpu")) {
      return CPU;
    }
    if (text.matches("cuda(:[0-9]{1,3})?")) {
      return cuda(text.length() == 4 ? 0 : Integer.parseInt(text.substring(5)));
    }
    throw new IllegalArgumentException("device '" + text + "' is not one of cpu, cuda, cuda:N");
  }

  org.bytedeco.pytorch.Device handle() {
    return new org.bytedeco.pytorch.Device(
        kind == Kind.CPU ? torch.DeviceType.CPU : torch.DeviceType.CUDA, (byte) index);
  }

  @Override
  public String toString() {
    return kind == Kind.CPU ? "cpu" : "cuda:" + index;
  }
}
