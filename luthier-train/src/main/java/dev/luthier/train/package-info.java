/** The sockets that techniques plug into, and what they may know of a run. */
@NullMarked
package dev.luthier.train;

import org.jspecify.annotations.NullMarked;
