package dev.luthier.train.regularizer;

import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Tensor;

/** How noise on the embeddings of words is distributed. */
public enum Noise {
  /** Evenly between -1 and 1, times its strength. */
  UNIFORM,
  /** Normally, with its strength as deviation. */
  NORMAL;

  /** The strength of a sequence's noise. */
  @FunctionalInterface
  interface Strength {
    /** The factor for a sequence of so many tokens. */
    double of(int length);
  }

  /**
   * Draws noise that follows from the key and each sequence's example alone, in whatever company.
   *
   * @param words embeddings {@code [tokens, width]}
   * @return {@code [tokens, width]}
   */
  Tensor like(Tensor words, Segments segments, Rng.Key key, Strength strength) {
    Tensor[] parts = new Tensor[segments.count()];
    for (int i = 0; i < parts.length; i++) {
      int length = segments.length(i);
      Rng.Key own = key.with(segments.row(i));
      Tensor one =
          this == UNIFORM
              ? Rng.uniform(own, -1, 1, length, words.size(1))
              : Rng.normal(own, 0, 1, length, words.size(1));
      parts[i] = one.mul(strength.of(length));
    }
    return Tensor.cat(0, parts).to(words.dtype()).to(words.device());
  }
}
