/** What of a model is trainable: adapters and freezing. */
@NullMarked
package dev.luthier.train.peft;

import org.jspecify.annotations.NullMarked;
