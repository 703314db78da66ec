/** Tests of: How sure a value is. */
@NullMarked
package dev.luthier.eval.significance;

import org.jspecify.annotations.NullMarked;
