/** How noisy gradients are: what a larger batch can gain. */
@NullMarked
package dev.luthier.train.noise;

import org.jspecify.annotations.NullMarked;
