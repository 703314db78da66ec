/** Files of tensors: safetensors, alone and in shards, read without copying and written whole. */
@NullMarked
package dev.luthier.tensor.io;

import org.jspecify.annotations.NullMarked;
