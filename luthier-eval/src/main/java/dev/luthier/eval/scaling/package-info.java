/** Laws of scaling, fitted to what was measured. */
@NullMarked
package dev.luthier.eval.scaling;

import org.jspecify.annotations.NullMarked;
