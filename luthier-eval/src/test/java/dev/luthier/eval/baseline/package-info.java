/** Tests of: Classifiers without a neural network. */
@NullMarked
package dev.luthier.eval.baseline;

import org.jspecify.annotations.NullMarked;
