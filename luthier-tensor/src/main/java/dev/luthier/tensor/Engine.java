package dev.luthier.tensor;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;

/**
 * Starts the native engine once: checks the machine, sets what must be set before the libraries
 * load, and the switches that make it fast.
 */
public final class Engine {
  private Engine() {}

  /** Loads the engine if it is not loaded yet. Cheap afterwards. */
  public static void start() {
    Started.ensure();
  }

  /** The number of threads of one operation. */
  public static int threads() {
    start();
    return torch.get_num_threads();
  }

  /** Sets the number of threads of one operation. */
  public static void setThreads(int n) {
    start();
    torch.set_num_threads(n);
    org.bytedeco.openblas.global.openblas.blas_set_num_threads(n);
  }

  private static final class Started {
    static {
      Boot.prepare();
      Loader.load(torch.class);
      torch.globalContext().setFloat32MatmulPrecision("medium");
      Integer threads = Integer.getInteger("luthier.threads");
      if (threads != null) {
        torch.set_num_threads(threads);
        org.bytedeco.openblas.global.openblas.blas_set_num_threads(threads);
      }
    }

    static void ensure() {}
  }
}
