/**
 * What the size of a batch does: sweeps of it, and the size from which on larger ones do not pay.
 */
@NullMarked
package dev.luthier.run.batch;

import org.jspecify.annotations.NullMarked;
