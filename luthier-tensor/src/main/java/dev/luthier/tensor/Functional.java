package dev.luthier.tensor;

import static dev.luthier.tensor.Operation.change;
import static dev.luthier.tensor.Operation.make;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** The operations of neural networks, as functions. */
public final class Functional {
  private Functional() {}

  /**
   * x Wᵀ + b. Of bfloat16 numbers it is computed in float32 and rounded where the processor is not
   * made for bfloat16 (see {@link Engine#multipliesBfloat16}).
   *
   * @param x {@code [..., in]}
   * @param weight {@code [out, in]}
   * @param bias {@code [out]} or null
   * @return {@code [..., out]}
   */
  public static Tensor linear(Tensor x, Tensor weight, @Nullable Tensor bias) {
    if (x.dtype() == DType.BF16 && weight.dtype() == DType.BF16 && !Engine.multipliesBfloat16()) {
      return Bfloat16Linear.apply(x, weight, bias);
    }
    if (bias == null) {
      return make("linear", () -> torch.linear(x.handle(), weight.handle()), x, weight);
    }
    return make(
        "linear",
        () -> torch.linear(x.handle(), weight.handle(), new TensorOptional(bias.handle())),
        x,
        weight,
        bias);
  }

  /**
   * Rows of a table.
   *
   * @param table {@code [rows, width]}
   * @param ids int64 {@code [n]}
   * @return {@code [n, width]}
   */
  public static Tensor embedding(Tensor table, Tensor ids) {
    return make("embedding", () -> torch.embedding(table.handle(), ids.handle()), table, ids);
  }

  /**
   * Rows of a table, whose gradient holds nothing but the rows that were looked up (see {@link
   * RowGradient}). Where something else reads the table too, its gradient is whole all the same.
   *
   * @param table {@code [rows, width]}
   * @param ids int64 {@code [n]}
   * @return {@code [n, width]}
   */
  public static Tensor embeddingByRows(Tensor table, Tensor ids) {
    return make(
        "embedding",
        () -> torch.embedding(table.handle(), ids.handle(), -1, false, true),
        table,
        ids);
  }

  /**
   * Layer normalisation over the last dimension (Ba et al. 2016, arXiv:1607.06450).
   *
   * @param x {@code [..., width]}
   * @param weight {@code [width]}
   * @param bias {@code [width]}
   */
  public static Tensor layerNorm(Tensor x, Tensor weight, Tensor bias, double epsilon) {
    return make(
        "layerNorm",
        () ->
            torch.layer_norm(
                x.handle(),
                new long[] {x.size(-1)},
                new TensorOptional(weight.handle()),
                new TensorOptional(bias.handle()),
                epsilon,
                false),
        x,
        weight,
        bias);
  }

  /**
   * Root mean square normalisation over the last dimension, x / √(mean(x²) + ε) · w (Zhang and
   * Sennrich 2019, arXiv:1910.07467).
   *
   * @param x {@code [..., width]}
   * @param weight {@code [width]}
   */
  public static Tensor rmsNorm(Tensor x, Tensor weight, double epsilon) {
    return make(
        "rmsNorm",
        () ->
            torch.rms_norm(
                x.handle(),
                new long[] {x.size(-1)},
                new TensorOptional(weight.handle()),
                new DoubleOptional(epsilon)),
        x,
        weight);
  }

  /** Gaussian error linear unit (Hendrycks and Gimpel 2016, arXiv:1606.08415), by erf. */
  public static Tensor gelu(Tensor x) {
    return make("gelu", () -> torch.gelu(x.handle()), x);
  }

  /** The tanh approximation of the Gaussian error linear unit. */
  public static Tensor geluTanh(Tensor x) {
    return make(
        "geluTanh", () -> torch.gelu(x.handle(), new org.bytedeco.javacpp.BytePointer("tanh")), x);
  }

  /** max(x, 0). */
  public static Tensor relu(Tensor x) {
    return make("relu", () -> torch.relu(x.handle()), x);
  }

  /** x · logistic(x) (Elfwing et al. 2017, arXiv:1702.03118). */
  public static Tensor silu(Tensor x) {
    return make("silu", () -> torch.silu(x.handle()), x);
  }

  /**
   * scale · a b, batch by batch.
   *
   * @param a {@code [batch, n, k]}
   * @param b {@code [batch, k, m]}
   * @return {@code [batch, n, m]}
   */
  public static Tensor scaledBmm(Tensor a, Tensor b, double scale) {
    return make(
        "scaledBmm",
        () -> {
          org.bytedeco.pytorch.Tensor ignored =
              torch.empty(new long[] {1, 1, 1}, a.handle().options(), null);
          return torch.baddbmm(ignored, a.handle(), b.handle(), new Scalar(0.0), new Scalar(scale));
        },
        a,
        b);
  }

  /**
   * bias + scale · a b, batch by batch.
   *
   * @param bias of a shape that can be repeated to {@code [batch, n, m]}
   * @param a {@code [batch, n, k]}
   * @param b {@code [batch, k, m]}
   * @return {@code [batch, n, m]}
   */
  public static Tensor biasedBmm(Tensor bias, Tensor a, Tensor b, double scale) {
    return make(
        "biasedBmm",
        () ->
            torch.baddbmm(
                bias.handle(), a.handle(), b.handle(), new Scalar(1.0), new Scalar(scale)),
        bias,
        a,
        b);
  }

  /**
   * The summed cross-entropy of integer targets, -Σ wᵗ log softmax(x)ᵗ, with label smoothing as
   * Szegedy et al. 2015 (arXiv:1512.00567): the target keeps 1-ε and every class gets ε/K.
   *
   * @param logits {@code [n, classes]}
   * @param targets int64 {@code [n]}
   * @param classWeights {@code [classes]} or null
   * @return a scalar
   */
  public static Tensor crossEntropySum(
      Tensor logits, Tensor targets, @Nullable Tensor classWeights, double smoothing) {
    return make(
        "crossEntropy",
        () ->
            torch.cross_entropy_loss(
                logits.handle(),
                targets.handle(),
                classWeights == null
                    ? new TensorOptional()
                    : new TensorOptional(classWeights.handle()),
                2,
                -100,
                smoothing),
        logits,
        targets);
  }

  /**
   * x Wᵀ + b, written into a tensor that is there already. Not recorded.
   *
   * @param out {@code [n, out]}; what it held does not matter
   * @param x {@code [n, in]}
   * @param weight {@code [out, in]}
   * @param bias {@code [out]} or null
   * @return {@code out}
   */
  public static Tensor linearInto(Tensor out, Tensor x, Tensor weight, @Nullable Tensor bias) {
    Tensor transposed = weight.transpose(0, 1);
    if (bias != null) {
      return out.copyFrom(bias.expand(out.shape())).addMatmulInPlace(x, transposed);
    }
    return change(
        out,
        "linearInto",
        () ->
            out.handle().addmm_(x.handle(), transposed.handle(), new Scalar(0.0), new Scalar(1.0)),
        x,
        weight);
  }

  /**
   * The same sum as {@link #crossEntropySum}, without weights of classes, and in the place of the
   * logits the gradient with respect to them, softmax(x) - y. Needs no other memory of their size.
   * Not recorded.
   *
   * @param logits {@code [n, classes]}, float32 or float64; replaced by their gradient
   * @param targets int64 {@code [n]}
   * @return a scalar
   */
  public static Tensor crossEntropyInPlace(Tensor logits, Tensor targets, double smoothing) {
    long classes = logits.size(1);
    Tensor at = targets.unsqueeze(1);
    Tensor highest = make("amax", () -> logits.handle().amax(new long[] {1}, true), logits);
    var shifted = change(logits, "sub", () -> logits.handle().sub_(highest.handle()), highest);
    Tensor right = shifted.gather(1, at);
    Tensor all = smoothing > 0 ? shifted.sum(1).unsqueeze(1) : null;
    var powers = change(logits, "exp", () -> logits.handle().exp_(), logits);
    Tensor sum = powers.sum(1).unsqueeze(1);
    var softmax = change(logits, "div", () -> logits.handle().div_(sum.handle()), sum);
    Tensor off = Tensor.full(smoothing - 1, logits.dtype(), at.shape()).to(logits.device());
    var gradient =
        change(
            softmax,
            "scatterAdd",
            () -> logits.handle().scatter_add_(1, at.handle(), off.handle()),
            at);
    Tensor logSum = sum.log();
    if (all == null) {
      return logSum.sub(right).sum();
    }
    var unused = gradient.addInPlace(-smoothing / classes);
    return logSum.sub(right.mul(1 - smoothing)).sub(all.mul(smoothing / classes)).sum();
  }

  /**
   * Scaled dot-product attention, Softmax(Q Kᵀ · scale) V, by the engine's fused kernel.
   *
   * @param q {@code [batch, heads, n, width]}
   * @param k {@code [batch, heads, m, width]}
   * @param v {@code [batch, heads, m, width]}
   */
  public static Tensor attention(Tensor q, Tensor k, Tensor v, double scale) {
    return make(
        "attention",
        () ->
            torch.scaled_dot_product_attention(
                q.handle(),
                k.handle(),
                v.handle(),
                new TensorOptional(),
                0.0,
                false,
                new DoubleOptional(scale),
                false),
        q,
        k,
        v);
  }

  /**
   * Scaled dot-product attention in which each position sees itself and those before it, by the
   * engine's fused kernel. Neighbouring heads share keys and values where there are fewer of them
   * (Ainslie et al. 2023, arXiv:2305.13245).
   *
   * @param q {@code [batch, heads, n, width]}
   * @param k {@code [batch, groups, n, width]}; the number of groups divides that of heads
   * @param v {@code [batch, groups, n, width]}
   * @return {@code [batch, heads, n, width]}
   */
  public static Tensor causalAttention(Tensor q, Tensor k, Tensor v, double scale) {
    return make(
        "causalAttention",
        () ->
            torch.scaled_dot_product_attention(
                q.handle(),
                k.handle(),
                v.handle(),
                new TensorOptional(),
                0.0,
                true,
                new DoubleOptional(scale),
                q.size(1) != k.size(1)),
        q,
        k,
        v);
  }

  /**
   * The summed binary cross-entropy of logits, -Σ y log σ(x) + (1-y) log(1-σ(x)), computed stably.
   *
   * @param logits of any shape
   * @param targets in [0, 1], of the same shape and type
   * @return a scalar
   */
  public static Tensor binaryCrossEntropySum(Tensor logits, Tensor targets) {
    return binaryCrossEntropySum(logits, targets, null);
  }

  /**
   * The same with a weight for what applies: -Σ w y log σ(x) + (1-y) log(1-σ(x)).
   *
   * @param positive w, of a shape that broadcasts to that of the logits, or null for 1
   */
  public static Tensor binaryCrossEntropySum(
      Tensor logits, Tensor targets, @Nullable Tensor positive) {
    return make(
        "binaryCrossEntropy",
        () ->
            torch.binary_cross_entropy_with_logits(
                logits.handle(),
                targets.handle(),
                new TensorOptional(),
                positive == null ? new TensorOptional() : new TensorOptional(positive.handle()),
                2),
        logits,
        targets);
  }

  /**
   * A grid of vectors on another grid, by Keys' cubic with a = -3/4 (Keys 1981), the outer edges of
   * the corners kept in place, without antialiasing.
   *
   * @param x {@code [n, channels, height, width]}
   * @return {@code [n, channels, rows, columns]}
   */
  public static Tensor bicubic(Tensor x, long rows, long columns) {
    return make(
        "bicubic",
        () -> torch.upsample_bicubic2d(x.handle(), new long[] {rows, columns}, false),
        x);
  }

  /**
   * What depends on the distance of two places alone, for every pair of places. The pairs are a
   * strided view of the distances, of which one copy is made, and their gradients are summed by
   * distance.
   *
   * <pre>
   *   out[h, i, j] = x[h, j - i + rows - 1]
   * </pre>
   *
   * @param x by distance, the lowest first, {@code [n, rows + columns - 1]}
   * @return {@code [n, rows, columns]}
   */
  public static Tensor byDistance(Tensor x, long rows) {
    long columns = x.size(1) - rows + 1;
    Tensor windows = make("byDistance", () -> x.handle().unfold(1, columns, 1), x);
    return make("byDistance", () -> torch.flip(windows.handle(), new long[] {1}), windows);
  }

  /** log(1 + eˣ), computed stably: -log σ(-x). */
  public static Tensor softplus(Tensor x) {
    return make("softplus", () -> torch.softplus(x.handle(), new Scalar(1.0), new Scalar(20.0)), x);
  }
}
