/** What every metric is held to, and what each is held to besides. */
@NullMarked
package dev.luthier.eval.metric;

import org.jspecify.annotations.NullMarked;
