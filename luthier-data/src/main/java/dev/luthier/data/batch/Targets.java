package dev.luthier.data.batch;

import dev.luthier.tensor.Tensor;

/** What a batch is to be taught, in the order of its sequences. */
public sealed interface Targets {
  /** One class of each sequence, or of each wanted token: int64 {@code [n]}. */
  record Classes(Tensor ids) implements Targets {}

  /** Which classes apply, 0 or 1: float32 {@code [sequences, labels]}. */
  record Flags(Tensor flags) implements Targets {}

  /** A number for each sequence: float32 {@code [sequences]}. */
  record Scores(Tensor values) implements Targets {}

  /** A vector for each sequence: float32 {@code [sequences, width]}. */
  record Vectors(Tensor values) implements Targets {}

  /** Nothing: the batch is only to be predicted. */
  record None() implements Targets {}
}
