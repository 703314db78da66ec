/** Images as models see them: pixels, resampled to a size and normalised, cut into patches. */
@NullMarked
package dev.luthier.model.image;

import org.jspecify.annotations.NullMarked;
