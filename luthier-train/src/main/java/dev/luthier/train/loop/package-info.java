/** The training loop: the same for every technique. */
@NullMarked
package dev.luthier.train.loop;

import org.jspecify.annotations.NullMarked;
