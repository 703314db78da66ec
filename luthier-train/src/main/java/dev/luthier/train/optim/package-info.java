/** Optimizers, as chains of gradient transforms. */
@NullMarked
package dev.luthier.train.optim;

import org.jspecify.annotations.NullMarked;
