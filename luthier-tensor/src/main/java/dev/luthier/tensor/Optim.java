package dev.luthier.tensor;

import java.util.Arrays;
import java.util.List;

/** The engine's fused optimizer steps: one pass over memory for all parameters of a group. */
public final class Optim {
  private Optim() {}

  /**
   * One step of AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101, Algorithm 2), in place on
   * parameters and moments, unrecorded.
   *
   * <pre>
   *   θ ← θ (1 - lr λ)
   *   m ← β₁ m + (1 - β₁) g
   *   v ← β₂ v + (1 - β₂) g²
   *   θ ← θ - lr / (1 - β₁ᵗ) · m / (√v / √(1 - β₂ᵗ) + ε)
   * </pre>
   *
   * @param params contiguous floating-point tensors
   * @param grads of the parameters' shapes and types
   * @param expAvgs m, of the parameters' shapes and types
   * @param expAvgSqs v, of the parameters' shapes and types
   * @param steps t as float32 scalars, counting this step already; not changed
   * @throws TensorException if the lists or tensors do not fit each other
   */
  public static void fusedAdamW(
      List<Tensor> params,
      List<Tensor> grads,
      List<Tensor> expAvgs,
      List<Tensor> expAvgSqs,
      List<Tensor> steps,
      double lr,
      double beta1,
      double beta2,
      double weightDecay,
      double eps) {
    run(
        "aten::_fused_adamw_",
        new Moments(params, grads, expAvgs, expAvgSqs, steps),
        new double[] {lr, beta1, beta2, weightDecay, eps});
  }

  /**
   * One step of Adam (Kingma and Ba 2014, arXiv:1412.6980, Algorithm 1), in place on parameters and
   * moments, unrecorded.
   *
   * <pre>
   *   g ← g + λ θ
   *   m ← β₁ m + (1 - β₁) g
   *   v ← β₂ v + (1 - β₂) g²
   *   θ ← θ - lr / (1 - β₁ᵗ) · m / (√v / √(1 - β₂ᵗ) + ε)
   * </pre>
   *
   * @param params contiguous floating-point tensors
   * @param grads of the parameters' shapes and types
   * @param expAvgs m, of the parameters' shapes and types
   * @param expAvgSqs v, of the parameters' shapes and types
   * @param steps t as float32 scalars, counting this step already; not changed
   * @throws TensorException if the lists or tensors do not fit each other
   */
  public static void fusedAdam(
      List<Tensor> params,
      List<Tensor> grads,
      List<Tensor> expAvgs,
      List<Tensor> expAvgSqs,
      List<Tensor> steps,
      double lr,
      double beta1,
      double beta2,
      double weightDecay,
      double eps) {
    run(
        "aten::_fused_adam_",
        new Moments(params, grads, expAvgs, expAvgSqs, steps),
        new double[] {lr, beta1, beta2, weightDecay, eps});
  }

  private record Moments(
      List<Tensor> params,
      List<Tensor> grads,
      List<Tensor> expAvgs,
      List<Tensor> expAvgSqs,
      List<Tensor> steps) {
    /** The kernels walk over bare memory and trust their caller. */
    void requireFit() {
      requireAlike("gradients", params, grads);
      requireAlike("first moments", params, expAvgs);
      requireAlike("second moments", params, expAvgSqs);
      requireCounts(params, steps);
      requireContiguous(params);
      requireContiguous(expAvgs);
      requireContiguous(expAvgSqs);
    }
  }

  /** Numbers are lr, β₁, β₂, λ and ε. */
  private static void run(String kernel, Moments of, double[] numbers) {
    of.requireFit();
    if (of.params.isEmpty()) {
      return;
    }
    try (Scope s = Scope.open();
        Autograd.Guard off = Autograd.noGrad()) {
      Dispatch.run(
          kernel,
          of.params,
          of.grads.stream().map(Tensor::contiguous).toList(),
          of.expAvgs,
          of.expAvgSqs,
          List.of(),
          of.steps,
          numbers[0],
          numbers[1],
          numbers[2],
          numbers[3],
          numbers[4],
          false,
          false,
          null,
          null);
      of.params.forEach(Optim::countChange);
    }
  }

  /** The kernels do not count as changes in place by themselves: see {@link Tensor#version}. */
  private static void countChange(Tensor changed) {
    var unused = changed.view(-1).narrow(0, 0, 0).fill(0);
  }

  private static void requireAlike(String what, List<Tensor> params, List<Tensor> others) {
    if (params.size() != others.size()) {
      throw new TensorException(
          "fused step: " + params.size() + " parameters, but " + others.size() + " " + what);
    }
    for (int i = 0; i < params.size(); i++) {
      Tensor p = params.get(i);
      Tensor o = others.get(i);
      if (p.dtype() != o.dtype() || !Arrays.equals(p.shape(), o.shape())) {
        throw new TensorException(
            "fused step: parameter " + i + " is " + p + ", but of its " + what + " is " + o);
      }
    }
  }

  private static void requireCounts(List<Tensor> params, List<Tensor> steps) {
    boolean right =
        steps.size() == params.size()
            && steps.stream().allMatch(t -> t.dtype() == DType.F32 && t.count() == 1);
    if (!right) {
      throw new TensorException(
          "fused step: needs one float32 step count for each of " + params.size() + " parameters");
    }
  }

  private static void requireContiguous(List<Tensor> tensors) {
    for (Tensor t : tensors) {
      if (!t.handle().is_contiguous()) {
        throw new TensorException("fused step: " + t + " is not contiguous");
      }
    }
  }
}
