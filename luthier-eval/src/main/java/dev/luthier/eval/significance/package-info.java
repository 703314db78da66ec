/** How sure a measured value, or a difference of two, is. */
@NullMarked
package dev.luthier.eval.significance;

import org.jspecify.annotations.NullMarked;
