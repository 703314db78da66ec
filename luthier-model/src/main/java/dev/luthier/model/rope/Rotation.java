package dev.luthier.model.rope;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Device;
import dev.luthier.tensor.Tensor;

/**
 * The angles of one batch's tokens: dimension i and dimension i + d/2 of each head turn together
 * (the halves of a head, not its neighbours, make the pairs).
 *
 * @param cos {@code [tokens, 1, width / 2]}
 * @param sin {@code [tokens, 1, width / 2]}
 */
public record Rotation(Tensor cos, Tensor sin) {
  /**
   * Turns the heads.
   *
   * @param x {@code [tokens, heads, width]}
   * @return of the same shape and type; where the angles are of a wider one, they are not rounded
   */
  public Tensor apply(Tensor x) {
    long half = cos.size(2);
    Tensor[] halves = x.split(2, half, half);
    Tensor a = halves[0];
    Tensor b = halves[1];
    return Tensor.cat(2, a.mul(cos).sub(b.mul(sin)), b.mul(cos).add(a.mul(sin))).to(x.dtype());
  }

  /**
   * The angles of some of the tokens.
   *
   * @param tokens indices, int64
   */
  public Rotation of(Tensor tokens) {
    return new Rotation(cos.indexSelect(0, tokens), sin.indexSelect(0, tokens));
  }

  /** The same angles for tensors of a type and place. */
  public Rotation to(DType type, Device device) {
    return new Rotation(cos.to(type).to(device), sin.to(type).to(device));
  }
}
