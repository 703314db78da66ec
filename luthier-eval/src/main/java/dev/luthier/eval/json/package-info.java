/** JSON that is the same, byte for byte, for the same numbers. */
@NullMarked
package dev.luthier.eval.json;

import org.jspecify.annotations.NullMarked;
