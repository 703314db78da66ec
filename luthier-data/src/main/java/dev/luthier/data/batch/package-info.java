/** From encoded examples to ragged batches of tensors. */
@NullMarked
package dev.luthier.data.batch;

import org.jspecify.annotations.NullMarked;
