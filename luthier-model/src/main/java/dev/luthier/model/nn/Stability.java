package dev.luthier.model.nn;

import java.util.Locale;

/**
 * What keeps the numbers inside a layer from growing, beside the norms that its architecture has
 * (Rybakov et al. 2024, arXiv:2410.16682).
 *
 * @param attention what becomes of queries, keys, values and scores
 * @param cap c of capped scores, c tanh(s / c), above 0; it counts where scores are capped
 * @param normOutputs whether what attention and the feed-forward block add is normalised first
 */
public record Stability(Attention attention, double cap, boolean normOutputs) {
  /** As the architecture says it. */
  public static final Stability NONE = new Stability(Attention.PLAIN, 50, false);

  /** What becomes of queries, keys, values and scores. */
  public enum Attention {
    /** Nothing. */
    PLAIN,
    /** Each head's queries and keys are normalised, before positions turn them. */
    QK_NORM,
    /** The same, and the scores of a query with the keys are capped. */
    QK_NORM_CAP,
    /** Each head's queries, keys and values are normalised, and what they are made of is not. */
    QKV_NORM;

    /** As files and recipes spell it, for instance {@code qk-norm}. */
    public String spelling() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Checks the range. */
  public Stability {
    if (!(cap > 0 && Double.isFinite(cap))) {
      throw new IllegalArgumentException("cap must be above 0, not " + cap);
    }
  }

  /** Whether everything is as the architecture says it. */
  public boolean isNone() {
    return attention == Attention.PLAIN && !normOutputs;
  }

  /** The bound of scores, or 0 where there is none. */
  public double scoreCap() {
    return attention == Attention.QK_NORM_CAP ? cap : 0;
  }

  /** Whether queries and keys are normalised. */
  public boolean normsQueries() {
    return attention != Attention.PLAIN;
  }

  /** Whether values are normalised, and the input of attention is not. */
  public boolean normsValues() {
    return attention == Attention.QKV_NORM;
  }

  /** In words, for instance {@code qk-norm-cap at 50, outputs normalised}. */
  public String words() {
    return attention.spelling()
        + (scoreCap() > 0 ? " at " + cap : "")
        + (normOutputs ? ", outputs normalised" : "");
  }
}
