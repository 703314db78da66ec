/** What is wrong with a data set: duplicates, leaks, contradictions. */
@NullMarked
package dev.luthier.data.quality;

import org.jspecify.annotations.NullMarked;
