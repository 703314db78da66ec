/**
 * Rotary position embeddings (Su et al. 2021, arXiv:2104.09864) and the ways to stretch them beyond
 * the lengths of the pre-training. A way is what it makes of the frequencies; each stands in a file
 * of its own.
 */
@NullMarked
package dev.luthier.model.rope;

import org.jspecify.annotations.NullMarked;
