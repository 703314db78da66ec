/** How long examples are in tokens, and what becomes of those that are too long. */
@NullMarked
package dev.luthier.data.length;

import org.jspecify.annotations.NullMarked;
