/** Tests of: JSON of stable bytes. */
@NullMarked
package dev.luthier.eval.json;

import org.jspecify.annotations.NullMarked;
