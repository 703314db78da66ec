/** A recipe and techniques to test reading and writing with. */
@NullMarked
package dev.luthier.recipe.sample;

import org.jspecify.annotations.NullMarked;
