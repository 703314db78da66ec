/** What a misspelt name was meant to be. */
@NullMarked
package dev.luthier.spelling;

import org.jspecify.annotations.NullMarked;
