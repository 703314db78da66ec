/** What is minimised. */
@NullMarked
package dev.luthier.train.objective;

import org.jspecify.annotations.NullMarked;
