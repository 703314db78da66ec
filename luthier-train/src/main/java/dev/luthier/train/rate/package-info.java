/** Finding the learning rate before a run. */
@NullMarked
package dev.luthier.train.rate;

import org.jspecify.annotations.NullMarked;
