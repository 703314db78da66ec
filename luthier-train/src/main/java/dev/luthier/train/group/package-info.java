/** Which parameters are updated alike, and how. */
@NullMarked
package dev.luthier.train.group;

import org.jspecify.annotations.NullMarked;
