package dev.luthier.tensor;

/** What must happen before the native libraries load. */
final class Boot {
  private Boot() {}

  static void prepare() {
    System.setProperty("org.bytedeco.javacpp.maxPhysicalBytes", "0");
    System.setProperty("org.bytedeco.javacpp.maxBytes", "0");
  }
}
