/** How a technique of the literature is declared. */
@NullMarked
package dev.luthier.technique;

import org.jspecify.annotations.NullMarked;
