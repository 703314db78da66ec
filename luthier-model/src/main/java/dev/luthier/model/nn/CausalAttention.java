package dev.luthier.model.nn;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Engine;
import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The core of a decoder's self-attention: Softmax(Q Kᵀ / √d + M) V for each head of each sequence,
 * M being -∞ where a position would see a later one. Neighbouring heads share keys and values where
 * there are fewer of them (grouped-query attention, Ainslie et al. 2023, arXiv:2305.13245).
 * Sequences of equal length are computed as one block; no sequence sees another.
 *
 * @param heads number of heads
 * @param groups number of heads of keys and values; divides the number of heads
 * @param dropout probability of dropping an attention weight
 * @param cap c of capped scores, c tanh(s / c); 0 leaves them as they are
 */
public record CausalAttention(int heads, int groups, double dropout, double cap) {
  /**
   * From this length on the engine's fused kernel is faster than writing the weights out. Measured
   * forward and backward on two cores with 8 heads of 64 and 4 groups, 2048 tokens: 135 against 171
   * ms at length 512, 366 against 181 ms at 1024; in bfloat16 120 against 179 and 272 against 187.
   */
  private static final int FUSED_FROM = 768;

  /** Scores as they are. */
  public CausalAttention(int heads, int groups, double dropout) {
    this(heads, groups, dropout, 0);
  }

  /**
   * @param q {@code [tokens, heads, width]}
   * @param k {@code [tokens, groups, width]}
   * @param v {@code [tokens, groups, width]}
   * @return {@code [tokens, heads * width]}
   */
  public Tensor forward(Tensor q, Tensor k, Tensor v, Pass pass, Segments segments) {
    if (q.dtype() == DType.BF16 && !Engine.multipliesBfloat16()) {
      return forward(q.to(DType.F32), k.to(DType.F32), v.to(DType.F32), pass, segments)
          .to(DType.BF16);
    }
    List<Segments.Run> runs = segments.runs();
    Tensor[] asking = segments.split(q);
    Tensor[] keys = segments.split(k);
    Tensor[] values = segments.split(v);
    Tensor[] parts = new Tensor[runs.size()];
    for (int i = 0; i < parts.length; i++) {
      Segments.Run run = runs.get(i);
      parts[i] =
          fuses(q, run.length(), pass)
              ? fused(asking[i], keys[i], values[i], run)
              : explicit(asking[i], keys[i], values[i], pass, segments, run);
    }
    return parts.length == 1 ? parts[0] : Tensor.cat(0, parts);
  }

  /**
   * The same for the last token of each sequence, which sees all others, so that nothing is masked.
   *
   * @param q {@code [sequences, heads, width]}
   * @param k {@code [tokens, groups, width]}
   * @param v {@code [tokens, groups, width]}
   * @return {@code [sequences, heads * width]}
   */
  public Tensor lasts(Tensor q, Tensor k, Tensor v, Pass pass, Segments segments) {
    if (q.dtype() == DType.BF16 && !Engine.multipliesBfloat16()) {
      return lasts(q.to(DType.F32), k.to(DType.F32), v.to(DType.F32), pass, segments)
          .to(DType.BF16);
    }
    long width = q.size(2);
    List<Segments.Run> runs = segments.runs();
    Tensor[] asking = segments.splitSequences(q);
    Tensor[] keys = segments.split(k);
    Tensor[] values = segments.split(v);
    Tensor[] parts = new Tensor[runs.size()];
    for (int i = 0; i < parts.length; i++) {
      Segments.Run run = runs.get(i);
      long blocks = (long) run.count() * groups;
      Tensor qh = asking[i].reshape(blocks, heads / groups, width);
      Tensor kh = byHead(keys[i], run).reshape(blocks, run.length(), width);
      Tensor vh = byHead(values[i], run).reshape(blocks, run.length(), width);
      Tensor weights = scores(qh, kh.transpose(1, 2), null, width).softmax(-1);
      parts[i] =
          pass.dropAttention(weights, dropout, segments, run)
              .matmul(vh)
              .view(run.count(), heads * width);
    }
    return parts.length == 1 ? parts[0] : Tensor.cat(0, parts);
  }

  /**
   * The last positions of one sequence, in evaluation.
   *
   * @param q {@code [n, heads, width]}, of its last n positions
   * @param k {@code [m, groups, width]}, of all its positions
   * @param v {@code [m, groups, width]}
   * @return {@code [n, heads * width]}
   */
  public Tensor after(Tensor q, Tensor k, Tensor v) {
    long n = q.size(0);
    long m = k.size(0);
    if (n == m) {
      Segments whole = new Segments(new int[] {Math.toIntExact(n)}, new long[1]);
      return forward(q, k, v, Pass.EVALUATION, whole);
    }
    long width = q.size(2);
    long shared = heads / groups;
    Tensor qh = q.transpose(0, 1).reshape(groups, shared * n, width);
    Tensor kh = k.permute(1, 2, 0);
    Tensor mask = n == 1 ? null : mask((int) n, (int) m, qh);
    return scores(qh, kh, mask, width)
        .softmax(-1)
        .matmul(v.transpose(0, 1))
        .view(heads, n, width)
        .transpose(0, 1)
        .reshape(n, heads * width);
  }

  /** The fused kernel knows no dropout and no cap; what is wider than float32 stays exact. */
  private boolean fuses(Tensor q, int length, Pass pass) {
    return length >= FUSED_FROM && q.dtype() != DType.F64 && !pass.drops(dropout) && cap == 0;
  }

  /**
   * Q Kᵀ / √d, capped, plus the mask.
   *
   * @param q {@code [blocks, n, width]}
   * @param k {@code [blocks, width, m]}
   */
  private Tensor scores(Tensor q, Tensor k, @Nullable Tensor mask, long width) {
    double scale = 1 / Math.sqrt((double) width);
    if (cap > 0) {
      Tensor capped = Functional.scaledBmm(q, k, scale / cap).tanh().mul(cap);
      return mask == null ? capped : capped.add(mask);
    }
    return mask == null
        ? Functional.scaledBmm(q, k, scale)
        : Functional.biasedBmm(mask, q, k, scale);
  }

  /**
   * Of one run's tokens. In float32 throughout: in narrow types this kernel is several times
   * slower.
   */
  Tensor fused(Tensor q, Tensor k, Tensor v, Segments.Run run) {
    Tensor mixed =
        Functional.causalAttention(
            byHead(q, run).to(DType.F32),
            byHead(k, run).to(DType.F32),
            byHead(v, run).to(DType.F32),
            1 / Math.sqrt((double) q.size(2)));
    return mixed
        .transpose(1, 2)
        .reshape((long) run.count() * run.length(), heads * q.size(2))
        .to(q.dtype());
  }

  /**
   * How much each position looks at each, without dropout.
   *
   * @param q {@code [tokens, heads, width]}
   * @param k {@code [tokens, groups, width]}
   * @return for each sequence {@code [heads, length, length]}; the rows sum to 1, and are 0 for
   *     later positions
   */
  public List<Tensor> maps(Tensor q, Tensor k, Segments segments) {
    if (q.dtype() == DType.BF16) {
      return maps(q.to(DType.F32), k.to(DType.F32), segments);
    }
    List<Tensor> out = new ArrayList<>();
    Tensor[] asking = segments.split(q);
    Tensor[] keys = segments.split(k);
    for (int r = 0; r < asking.length; r++) {
      Segments.Run run = segments.runs().get(r);
      Tensor all =
          weights(asking[r], keys[r], run).view(run.count(), heads, run.length(), run.length());
      for (int i = 0; i < run.count(); i++) {
        out.add(all.select(0, i));
      }
    }
    return List.copyOf(out);
  }

  /** Of one run: {@code [sequences * groups, heads of a group * length, length]}. */
  private Tensor weights(Tensor q, Tensor k, Segments.Run run) {
    long width = q.size(2);
    long n = run.length();
    long blocks = (long) run.count() * groups;
    Tensor qh = byHead(q, run).reshape(blocks, heads / groups * n, width);
    Tensor kh = byHead(k, run).reshape(blocks, n, width);
    Tensor mask = mask(run.length(), run.length(), qh);
    return scores(qh, kh.transpose(1, 2), mask, width).softmax(-1);
  }

  /**
   * Of one run's tokens. The heads of one group stand below each other, so that they share their
   * keys as they are.
   */
  Tensor explicit(Tensor q, Tensor k, Tensor v, Pass pass, Segments segments, Segments.Run run) {
    long width = q.size(2);
    long n = run.length();
    Tensor vh = byHead(v, run).reshape((long) run.count() * groups, n, width);
    Tensor mixed = pass.dropAttention(weights(q, k, run), dropout, segments, run).matmul(vh);
    return mixed
        .view(run.count(), heads, n, width)
        .transpose(1, 2)
        .reshape(run.count() * n, heads * width);
  }

  /** {@code [tokens, m, width]} to {@code [sequences, m, length, width]}, as a view. */
  private static Tensor byHead(Tensor x, Segments.Run run) {
    return x.view(run.count(), run.length(), x.size(1), x.size(2)).transpose(1, 2);
  }

  /**
   * 0 where one of the last n of m positions may look, -∞ where it would look ahead, for each head
   * of a group: {@code [1, heads / groups * n, m]}.
   */
  private Tensor mask(int n, int m, Tensor like) {
    float[] v = new float[Math.multiplyExact(n, m)];
    for (int i = 0; i < n; i++) {
      for (int j = m - n + i + 1; j < m; j++) {
        v[i * m + j] = Float.NEGATIVE_INFINITY;
      }
    }
    Tensor one = Tensor.of(v, 1, n, m).to(like.dtype()).to(like.device());
    return one.expand(heads / groups, n, m).reshape(1, heads / groups * (long) n, m);
  }
}
