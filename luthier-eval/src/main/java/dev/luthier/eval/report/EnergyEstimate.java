package dev.luthier.eval.report;

import java.util.Locale;

/**
 * How much electricity a run on processor cores took, estimated and not measured: the seconds its
 * cores were busy, times an assumed power per core. Memory, disks, cooling and the power supply's
 * losses are left out. (The form of Lannelongue et al. 2021, "Green Algorithms".)
 *
 * @param wattHours the estimate
 * @param assumption how it came about, one sentence
 */
public record EnergyEstimate(double wattHours, String assumption) {
  /** The power of a busy core where the processor is not known, in watts. */
  public static final double USUAL_WATTS_PER_CORE = 12;

  /** Estimates with the usual power of a core. */
  public static EnergyEstimate ofCpu(double cpuSeconds) {
    return ofCpu(cpuSeconds, USUAL_WATTS_PER_CORE);
  }

  /**
   * Estimates.
   *
   * @param cpuSeconds busy seconds summed over all cores
   * @param wattsPerCore the power of one busy core, in watts
   */
  public static EnergyEstimate ofCpu(double cpuSeconds, double wattsPerCore) {
    if (!(cpuSeconds >= 0) || !(wattsPerCore > 0)) {
      throw new IllegalArgumentException(
          "%s CPU seconds at %s W per core is no energy".formatted(cpuSeconds, wattsPerCore));
    }
    return new EnergyEstimate(
        cpuSeconds * wattsPerCore / 3600,
        String.format(
            Locale.ROOT,
            "Estimated, not measured: %.0f CPU seconds at an assumed %s W per busy core;"
                + " memory, disks, cooling and power supply are left out.",
            cpuSeconds,
            Numbers.plain(wattsPerCore)));
  }
}
