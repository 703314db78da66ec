package dev.luthier.model.rope;

import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;

/**
 * Turns queries and keys by angles that grow with the position, so that their product depends on
 * the distance (Su et al. 2021, arXiv:2104.09864, equation 34). Positions start at 0 in every
 * sequence.
 *
 * @param frequencies angle per position
 */
public record RotaryEmbedding(RopeFrequencies frequencies) {
  /** The angles of whole sequences. */
  public Rotation rotation(Segments segments) {
    return rotation(segments, new int[segments.count()]);
  }

  /**
   * The angles of sequences whose beginnings were read before.
   *
   * @param read how many tokens of each sequence were read before
   */
  public Rotation rotation(Segments segments, int[] read) {
    Map<Long, float[]> rows = new HashMap<>();
    int half = frequencies.of(1).length;
    float[] cos = new float[Math.multiplyExact(segments.total(), half)];
    float[] sin = new float[cos.length];
    int at = 0;
    for (int i = 0; i < segments.count(); i++) {
      int length = read[i] + segments.length(i);
      long kind = (long) frequencies.kind(length) << 32;
      float[] steps = frequencies.of(length);
      for (int position = read[i]; position < length; position++) {
        float p = position;
        float[] row = rows.computeIfAbsent(kind | position, key -> row(p, steps));
        System.arraycopy(row, 0, cos, at, half);
        System.arraycopy(row, half, sin, at, half);
        at += half;
      }
    }
    return new Rotation(
        Tensor.of(cos, segments.total(), 1, half), Tensor.of(sin, segments.total(), 1, half));
  }

  /** Cosines, then sines, of one position. */
  private float[] row(float position, float[] steps) {
    float[] row = new float[2 * steps.length];
    for (int i = 0; i < steps.length; i++) {
      double angle = position * steps[i];
      row[i] = (float) Math.cos(angle) * frequencies.amplitude();
      row[steps.length + i] = (float) Math.sin(angle) * frequencies.amplitude();
    }
    return row;
  }
}
