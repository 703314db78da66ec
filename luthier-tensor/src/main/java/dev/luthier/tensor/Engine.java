package dev.luthier.tensor;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Starts the native engine once: checks the machine, sets what must be set before the libraries
 * load, and the switches that make it fast.
 *
 * <p>System properties: {@code luthier.threads}, the number of threads of one operation (default:
 * one per core); {@code luthier.float32-matmul}, {@code highest} or {@code medium}. The latter
 * sends float32 matrix products to the library that shares its threads with everything else, at the
 * same accuracy, except on processors with AMX, where it rounds the factors to bfloat16. The
 * default is {@code medium} where it is known to be exact. {@code luthier.bfloat16-matmul}, {@code
 * native} or {@code float32}: whether products of bfloat16 numbers are computed as such, or in
 * float32 and rounded. The default is what is faster.
 */
public final class Engine {
  private static final Pattern MISSING = Pattern.compile("([^\\s:/]+): cannot open shared object");
  private static final Pattern VERSION = Pattern.compile("TORCH_VERSION=([^,\\s]+)");
  private static volatile boolean started;
  private static volatile boolean multipliesBfloat16;
  private static boolean loaded;

  /** The number of threads of one operation, and what of it this thread has been told. */
  private static volatile int threads;

  private static final ThreadLocal<Integer> TOLD = new ThreadLocal<>();
  private static @Nullable String failure;

  private Engine() {}

  /**
   * Loads the engine if it is not loaded yet. Cheap afterwards.
   *
   * @throws EngineException if it cannot, with what mends it; the same on every further call
   */
  public static void start() {
    if (!started) {
      boot(Machine.here());
    }
  }

  /**
   * Starts the engine, and tells this thread how many threads an operation has: part of the engine
   * keeps that number for each thread apart, and would else take all processors until it learns of
   * it, so that results would depend on which thread computes them.
   */
  static void enter() {
    start();
    Integer told = TOLD.get();
    if (told == null || told != threads) {
      torch.set_num_threads(threads);
      TOLD.set(threads);
    }
  }

  /**
   * Begins to load the engine's libraries on a thread of its own, which takes most of a second, so
   * that the caller can read data meanwhile. What fails is reported when the engine is first used.
   */
  public static void preload() {
    Thread loading =
        new Thread(
            () -> {
              try {
                loadLibraries(Machine.here());
              } catch (LinkageError | RuntimeException e) {
                // The first use fails in the same way, where somebody can say so.
              }
            },
            "luthier-preload");
    loading.setDaemon(true);
    loading.start();
  }

  private static synchronized void boot(Machine machine) {
    if (started) {
      return;
    }
    if (failure != null) {
      throw new EngineException(failure, null);
    }
    try {
      load(machine);
      started = true;
    } catch (LinkageError | RuntimeException e) {
      String message = explain(machine, e);
      failure = message;
      throw new EngineException(message, e);
    }
  }

  private static void load(Machine machine) {
    loadLibraries(machine);
    torch.globalContext().setFloat32MatmulPrecision(matmulPrecision(machine));
    multipliesBfloat16 = multipliesBfloat16(machine);
    String wanted = machine.properties().get("luthier.threads");
    limitThreads(wanted == null ? torch.get_num_threads() : positive(wanted));
  }

  private static synchronized void loadLibraries(Machine machine) {
    if (!loaded) {
      requireFit(machine);
      Boot.configure(machine);
      Boot.tune(machine);
      Loader.load(torch.class);
      loaded = true;
    }
  }

  /** Some machines would not fail to load the libraries, but die of them. */
  private static void requireFit(Machine machine) {
    for (Finding f : Doctor.examine(machine)) {
      if (f.level() == Finding.Level.ERROR) {
        throw new EngineException(f.message(), null);
      }
    }
  }

  static String matmulPrecision(Machine machine) {
    String wanted = machine.properties().get("luthier.float32-matmul");
    if (wanted != null) {
      if (!Set.of("highest", "medium").contains(wanted)) {
        throw new EngineException(
            "luthier.float32-matmul is '" + wanted + "'; it must be highest or medium", null);
      }
      return wanted;
    }
    Set<String> flags = machine.cpuFlags();
    return flags.isEmpty() || Doctor.hasAmx(flags) ? "highest" : "medium";
  }

  /**
   * By what the processor is, not by a measurement, so that a run's numbers are the same each time.
   * AMX and AMD's instructions multiply bfloat16 faster than float32; without AMX Intel's take
   * twice as long.
   */
  static boolean multipliesBfloat16(Machine machine) {
    String wanted = machine.properties().get("luthier.bfloat16-matmul");
    if (wanted != null) {
      if (!Set.of("native", "float32").contains(wanted)) {
        throw new EngineException(
            "luthier.bfloat16-matmul is '" + wanted + "'; it must be native or float32", null);
      }
      return wanted.equals("native");
    }
    Set<String> flags = machine.cpuFlags();
    return flags.contains("amx_bf16") || (flags.contains("avx512_bf16") && machine.isAmd());
  }

  /**
   * Whether the processor multiplies bfloat16 faster than float32. If not, products of bfloat16
   * numbers are computed in float32 and rounded.
   */
  public static boolean multipliesBfloat16() {
    start();
    return multipliesBfloat16;
  }

  private static int positive(String threads) {
    if (!threads.matches("[1-9][0-9]{0,3}")) {
      throw new EngineException(
          "luthier.threads is '" + threads + "'; it must be a number from 1", null);
    }
    return Integer.parseInt(threads);
  }

  /** The line that mends what went wrong. */
  static String explain(Machine machine, Throwable failure) {
    if (failure instanceof EngineException) {
      return String.valueOf(failure.getMessage());
    }
    for (Finding f : Doctor.examine(machine)) {
      if (f.level() != Finding.Level.OK && f.subject().equals("cache")) {
        return f.message();
      }
    }
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String text = String.valueOf(root.getMessage());
    Matcher missing = MISSING.matcher(text);
    if (missing.find()) {
      return missing.group(1) + " is missing; install the system's package that has it";
    }
    if (text.contains("already loaded in another classloader")) {
      return "the tensor engine is already loaded by another class loader of this process;"
          + " put Luthier where both applications share it";
    }
    return "the tensor engine's libraries cannot be loaded: " + text.lines().findFirst().orElse("");
  }

  /** The number of threads of one operation. */
  public static int threads() {
    start();
    return threads;
  }

  /** Sets the number of threads of one operation. */
  public static void setThreads(int n) {
    start();
    limitThreads(n);
  }

  private static void limitThreads(int n) {
    threads = n;
    TOLD.set(n);
    torch.set_num_threads(n);
    openblas.blas_set_num_threads(n);
  }

  /** Version, instruction set and threads, for instance {@code libtorch 2.10.0, AVX512, ...}. */
  public static String describe() {
    start();
    Matcher version = VERSION.matcher(torch.show_config().getString());
    return "libtorch "
        + (version.find() ? version.group(1) : "of unknown version")
        + ", "
        + torch.get_cpu_capability().getString()
        + ", "
        + threads()
        + " threads, CUDA "
        + (torch.cuda_is_available() ? "available" : "not available");
  }
}
