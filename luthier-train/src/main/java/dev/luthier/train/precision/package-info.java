/** Narrower numbers than float32 to compute with: bfloat16, and float16 with a scaled loss. */
@NullMarked
package dev.luthier.train.precision;

import org.jspecify.annotations.NullMarked;
