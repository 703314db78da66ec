/** The classes of a task and the numbers they are known by. */
@NullMarked
package dev.luthier.data.label;

import org.jspecify.annotations.NullMarked;
