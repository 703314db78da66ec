/** The same run with several seeds: how much of a result is chance. */
@NullMarked
package dev.luthier.run.seeds;

import org.jspecify.annotations.NullMarked;
