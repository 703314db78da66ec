/** Image files: decoding them, and the changes that a picture may go through in training. */
@NullMarked
package dev.luthier.data.image;

import org.jspecify.annotations.NullMarked;
