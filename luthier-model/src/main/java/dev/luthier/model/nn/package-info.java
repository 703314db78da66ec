/** Layers: the parts that pre-trained architectures are made of. */
@NullMarked
package dev.luthier.model.nn;

import org.jspecify.annotations.NullMarked;
