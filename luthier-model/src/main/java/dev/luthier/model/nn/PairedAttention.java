package dev.luthier.model.nn;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Engine;
import dev.luthier.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The core of attention of one text to another, or to itself: Softmax(Q Kᵀ + B) V for each head,
 * without a scale. The asking tokens of an example see the asked tokens of the same example and no
 * others. Neighbouring examples of equal lengths are computed as one block.
 *
 * @param heads number of heads
 * @param dropout probability of dropping an attention weight
 */
public record PairedAttention(int heads, double dropout) {
  /**
   * Examples that are computed at once.
   *
   * @param example index of the first
   * @param count how many
   * @param asking tokens of each that ask
   * @param asked tokens of each that are asked
   */
  private record Block(int example, int count, int asking, int asked) {}

  /**
   * Attends.
   *
   * @param q {@code [asking tokens, heads * width]}
   * @param k {@code [asked tokens, heads * width]}
   * @param v {@code [asked tokens, heads * width]}
   * @param bias B, {@code [heads, n, m]} with n and m at least the longest lengths: of each example
   *     its upper left corner counts; null adds nothing
   * @param asking where each example's asking tokens lie
   * @param asked where its asked tokens lie; as many examples
   * @return {@code [asking tokens, heads * width]}
   */
  public Tensor forward(
      Tensor q,
      Tensor k,
      Tensor v,
      @Nullable Tensor bias,
      Pass pass,
      Segments asking,
      Segments asked) {
    if (q.dtype() == DType.BF16 && !Engine.multipliesBfloat16()) {
      return forward(q.to(DType.F32), k.to(DType.F32), v.to(DType.F32), bias, pass, asking, asked)
          .to(DType.BF16);
    }
    List<Block> blocks = blocks(asking, asked);
    Tensor[] queries = split(q, blocks, b -> (long) b.count() * b.asking());
    Tensor[] keys = split(k, blocks, b -> (long) b.count() * b.asked());
    Tensor[] values = split(v, blocks, b -> (long) b.count() * b.asked());
    Tensor[] parts = new Tensor[blocks.size()];
    for (int i = 0; i < parts.length; i++) {
      Block b = blocks.get(i);
      Tensor weights = weights(queries[i], keys[i], bias, b);
      Segments.Run run = new Segments.Run(b.example(), 0, b.count(), b.asked());
      Tensor dropped = pass.dropAttention(weights, dropout, asked, run).to(values[i].dtype());
      parts[i] = joined(dropped.matmul(heads(values[i], b.count(), b.asked())), b);
    }
    return parts.length == 1 ? parts[0] : Tensor.cat(0, parts);
  }

  private static List<Block> blocks(Segments asking, Segments asked) {
    if (asking.count() != asked.count()) {
      throw new IllegalArgumentException(
          asking.count() + " texts cannot ask " + asked.count() + " texts");
    }
    List<Block> out = new ArrayList<>();
    int first = 0;
    for (int i = 1; i <= asking.count(); i++) {
      boolean same =
          i < asking.count()
              && asking.length(i) == asking.length(first)
              && asked.length(i) == asked.length(first);
      if (!same) {
        out.add(new Block(first, i - first, asking.length(first), asked.length(first)));
        first = i;
      }
    }
    return out;
  }

  private static Tensor[] split(Tensor x, List<Block> blocks, ToLongFunction<Block> rows) {
    return blocks.size() == 1
        ? new Tensor[] {x}
        : x.split(0, blocks.stream().mapToLong(rows).toArray());
  }

  /** {@code [count * heads, asking, asked]}; its rows sum to 1. */
  private Tensor weights(Tensor q, Tensor k, @Nullable Tensor bias, Block b) {
    Tensor kt = heads(k, b.count(), b.asked()).transpose(1, 2);
    Tensor scores = heads(q, b.count(), b.asking()).matmul(kt);
    if (bias == null) {
      return scores.softmax(-1);
    }
    Tensor corner = bias.narrow(1, 0, b.asking()).narrow(2, 0, b.asked());
    return scores
        .view(b.count(), heads, b.asking(), b.asked())
        .add(corner)
        .softmax(-1)
        .reshape((long) b.count() * heads, b.asking(), b.asked());
  }

  /** {@code [count * length, heads * width]} to {@code [count * heads, length, width]}. */
  private Tensor heads(Tensor x, int count, int length) {
    long width = x.size(1) / heads;
    return x.view(count, length, heads, width)
        .transpose(1, 2)
        .reshape((long) count * heads, length, width);
  }

  /** {@code [count * heads, asking, width]} to {@code [count * asking, heads * width]}. */
  private Tensor joined(Tensor x, Block b) {
    long width = x.size(2);
    return x.view(b.count(), heads, b.asking(), width)
        .transpose(1, 2)
        .reshape((long) b.count() * b.asking(), heads * width);
  }
}
