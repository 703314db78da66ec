/** Saving a run so that it resumes to the bit. */
@NullMarked
package dev.luthier.train.checkpoint;

import org.jspecify.annotations.NullMarked;
