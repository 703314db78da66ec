/** Runs in memory, of which numbers alone are kept: for sweeps over what a recipe says. */
@NullMarked
package dev.luthier.run.trial;

import org.jspecify.annotations.NullMarked;
