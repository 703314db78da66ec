/** Data sets of labelled text: where they come from, what an example is, what an error says. */
@NullMarked
package dev.luthier.data;

import org.jspecify.annotations.NullMarked;
