/** What the tests of every module share: which rows of the catalogue a test proves. */
@NullMarked
package dev.luthier.testing;

import org.jspecify.annotations.NullMarked;
