/** What recipes name in one word. */
@NullMarked
package dev.luthier.run.preset;

import org.jspecify.annotations.NullMarked;
