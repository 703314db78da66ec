package dev.luthier.model.vit;

import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Tensor;

/**
 * Positions of a grid of patches, and what they are on another grid: the vectors of the patches are
 * interpolated by Keys' cubic with a = -3/4, without antialiasing, the corners' outer edges kept in
 * place; that of [CLS] stays.
 *
 * @see <a href="https://arxiv.org/abs/2010.11929">Dosovitskiy et al. 2020, section 3.2</a>
 */
final class PositionGrid {
  private PositionGrid() {}

  /**
   * The positions on a grid.
   *
   * @param table {@code [1, 1 + side * side, width]}, that of [CLS] first
   * @param side of the grid that the table is for
   * @param rows of the grid that is asked for
   * @param columns of the grid that is asked for
   * @return {@code [1, 1 + rows * columns, width]}
   */
  static Tensor on(Tensor table, int side, int rows, int columns) {
    if (rows == side && columns == side) {
      return table;
    }
    long width = table.size(2);
    Tensor grid =
        table.narrow(1, 1, (long) side * side).view(1, side, side, width).permute(0, 3, 1, 2);
    Tensor other =
        Functional.bicubic(grid.contiguous(), rows, columns)
            .permute(0, 2, 3, 1)
            .reshape(1, (long) rows * columns, width);
    return Tensor.cat(1, table.narrow(1, 0, 1), other);
  }
}
