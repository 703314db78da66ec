/** How one data set becomes training, validation and test parts. */
@NullMarked
package dev.luthier.data.split;

import org.jspecify.annotations.NullMarked;
