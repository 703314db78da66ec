/** What frozen layers give, computed once. */
@NullMarked
package dev.luthier.train.frozen;

import org.jspecify.annotations.NullMarked;
