package dev.luthier.model.nn;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Engine;
import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The core of multi-head self-attention (Vaswani et al. 2017, arXiv:1706.03762, equation 1):
 * Softmax(Q Kᵀ / √d) V for each head of each sequence. Sequences of equal length are computed as
 * one block; no sequence sees another.
 *
 * @param heads number of heads
 * @param dropout probability of dropping an attention weight
 * @param cap c of capped scores, c tanh(s / c); 0 leaves them as they are
 */
public record SelfAttention(int heads, double dropout, double cap) {
  /** From this length on the engine's fused kernel is faster than writing the weights out. */
  private static final int FUSED_FROM = 256;

  /** Scores as they are. */
  public SelfAttention(int heads, double dropout) {
    this(heads, dropout, 0);
  }

  /**
   * @param q {@code [tokens, width]}
   * @param k {@code [tokens, width]}
   * @param v {@code [tokens, width]}
   * @return {@code [tokens, width]}
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
          run.length() >= FUSED_FROM && !pass.drops(dropout) && cap == 0
              ? fused(asking[i], keys[i], values[i], run)
              : explicit(heads(asking[i], run), keys[i], values[i], pass, segments, run);
    }
    return parts.length == 1 ? parts[0] : Tensor.cat(0, parts);
  }

  /**
   * The same for one token of each sequence.
   *
   * @param q {@code [sequences, width]}
   * @param k {@code [tokens, width]}
   * @param v {@code [tokens, width]}
   * @return {@code [sequences, width]}
   */
  public Tensor firsts(Tensor q, Tensor k, Tensor v, Pass pass, Segments segments) {
    if (q.dtype() == DType.BF16 && !Engine.multipliesBfloat16()) {
      return firsts(q.to(DType.F32), k.to(DType.F32), v.to(DType.F32), pass, segments)
          .to(DType.BF16);
    }
    long width = q.size(1);
    List<Segments.Run> runs = segments.runs();
    Tensor[] asking = segments.splitSequences(q);
    Tensor[] keys = segments.split(k);
    Tensor[] values = segments.split(v);
    Tensor[] parts = new Tensor[runs.size()];
    for (int i = 0; i < parts.length; i++) {
      Segments.Run run = runs.get(i);
      Tensor first = asking[i].view(run.count(), 1, heads, width / heads).transpose(1, 2);
      parts[i] = explicit(first, keys[i], values[i], pass, segments, run);
    }
    return parts.length == 1 ? parts[0] : Tensor.cat(0, parts);
  }

  /**
   * How much each token of a sequence looks at each, without dropout.
   *
   * @param q {@code [tokens, width]}
   * @param k {@code [tokens, width]}
   * @return for each sequence {@code [heads, length, length]}; the rows sum to 1
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
          weights(heads(asking[r], run), keys[r], run)
              .view(run.count(), heads, run.length(), run.length());
      for (int i = 0; i < run.count(); i++) {
        out.add(all.select(0, i));
      }
    }
    return List.copyOf(out);
  }

  /**
   * @param q {@code [sequences, heads, n, width / heads]}
   * @param k {@code [tokens, width]} of this run, as v
   */
  private Tensor explicit(
      Tensor q, Tensor k, Tensor v, Pass pass, Segments segments, Segments.Run run) {
    long width = k.size(1);
    long n = q.size(2);
    long batch = (long) run.count() * heads;
    Tensor vh = heads(v, run).reshape(batch, run.length(), width / heads);
    Tensor mixed = pass.dropAttention(weights(q, k, run), dropout, segments, run).matmul(vh);
    return mixed
        .view(run.count(), heads, n, width / heads)
        .transpose(1, 2)
        .reshape(run.count() * n, width);
  }

  /** {@code [sequences * heads, n, length]}. */
  private Tensor weights(Tensor q, Tensor k, Segments.Run run) {
    long width = k.size(1);
    long batch = (long) run.count() * heads;
    Tensor qh = q.reshape(batch, q.size(2), width / heads);
    Tensor kh = heads(k, run).reshape(batch, run.length(), width / heads);
    double scale = 1 / Math.sqrt((double) width / heads);
    Tensor kt = kh.transpose(1, 2);
    return (cap > 0
            ? Functional.scaledBmm(qh, kt, scale / cap).tanh().mul(cap)
            : Functional.scaledBmm(qh, kt, scale))
        .softmax(-1);
  }

  private Tensor fused(Tensor q, Tensor k, Tensor v, Segments.Run run) {
    long width = q.size(1);
    double scale = 1 / Math.sqrt((double) width / heads);
    return Functional.attention(
            wide(heads(q, run)), wide(heads(k, run)), wide(heads(v, run)), scale)
        .transpose(1, 2)
        .reshape((long) run.count() * run.length(), width)
        .to(q.dtype());
  }

  /** In narrow types the fused kernel is several times slower than in float32. */
  private static Tensor wide(Tensor x) {
    return x.dtype() == DType.BF16 ? x.to(DType.F32) : x;
  }

  /** {@code [tokens, width]} to {@code [sequences, heads, length, width / heads]}, as a view. */
  private Tensor heads(Tensor x, Segments.Run run) {
    return x.view(run.count(), run.length(), heads, x.size(1) / heads).transpose(1, 2);
  }
}
