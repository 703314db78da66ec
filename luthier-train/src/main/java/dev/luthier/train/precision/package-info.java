/** The numbers that a run computes with: float32, bfloat16, float16 with a scaled loss. */
@NullMarked
package dev.luthier.train.precision;

import org.jspecify.annotations.NullMarked;
