/** From texts to tokens: what a model will see of each example, and what was cut away. */
@NullMarked
package dev.luthier.data.encode;

import org.jspecify.annotations.NullMarked;
