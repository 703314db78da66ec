/** Finds the learning rate of a recipe, and draws what it found. */
@NullMarked
package dev.luthier.run.rate;

import org.jspecify.annotations.NullMarked;
