/** Classifiers without a neural network, to see what one is worth. */
@NullMarked
package dev.luthier.eval.baseline;

import org.jspecify.annotations.NullMarked;
