package dev.luthier.model.nn;

import dev.luthier.tensor.Tensor;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** The norms that {@link Stability} puts into a layer; where it asks for none, nothing changes. */
public final class StabilityNorms implements Module {
  /** None at all. */
  public static final StabilityNorms NONE =
      new StabilityNorms(Stability.NONE, new Names("", "", "", "", ""), 1, 1, width -> null);

  private final Stability how;
  private final Names names;
  private final @Nullable Norm query;
  private final @Nullable Norm key;
  private final @Nullable Norm value;
  private final @Nullable Norm mixed;
  private final @Nullable Norm narrow;

  /**
   * A family's names for these norms.
   *
   * @param query of a head's queries
   * @param key of a head's keys
   * @param value of a head's values
   * @param mixed of what attention adds
   * @param narrow of what the feed-forward block adds
   */
  public record Names(String query, String key, String value, String mixed, String narrow) {}

  /**
   * Declares the norms; those of heads are shared by all heads of the layer.
   *
   * @param head the width of a head
   * @param width of the hidden states
   * @param norm makes one of a width
   */
  public StabilityNorms(
      Stability how, Names names, long head, long width, LongFunction<@Nullable Norm> norm) {
    this.how = how;
    this.names = names;
    this.query = how.normsQueries() ? norm.apply(head) : null;
    this.key = how.normsQueries() ? norm.apply(head) : null;
    this.value = how.normsValues() ? norm.apply(head) : null;
    this.mixed = how.normOutputs() ? norm.apply(width) : null;
    this.narrow = how.normOutputs() ? norm.apply(width) : null;
  }

  /** What was asked for. */
  public Stability how() {
    return how;
  }

  /** Queries {@code [n, heads, width]} as attention reads them. */
  public Tensor query(Tensor x) {
    return normed(query, x);
  }

  /** Keys {@code [n, heads, width]} as attention reads them. */
  public Tensor key(Tensor x) {
    return normed(key, x);
  }

  /** Values {@code [n, heads, width]} as attention reads them. */
  public Tensor value(Tensor x) {
    return normed(value, x);
  }

  /** What attention adds, {@code [n, width]}. */
  public Tensor mixed(Tensor x) {
    return normed(mixed, x);
  }

  /** What the feed-forward block adds, {@code [n, width]}. */
  public Tensor narrow(Tensor x) {
    return normed(narrow, x);
  }

  private static Tensor normed(@Nullable Norm norm, Tensor x) {
    return norm == null ? x : norm.forward(x.to(norm.type())).to(x.dtype());
  }

  @Override
  public void parts(Parts parts) {
    part(parts, names.query(), query);
    part(parts, names.key(), key);
    part(parts, names.value(), value);
    part(parts, names.mixed(), mixed);
    part(parts, names.narrow(), narrow);
  }

  private static void part(Parts parts, String name, @Nullable Norm norm) {
    if (norm != null) {
      parts.module(name, norm);
    }
  }
}
