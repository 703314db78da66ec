/**
 * Adaptations: what of a pre-trained model is trained, and what is added to it. Adapters are read
 * from and written to the folders of the PEFT library.
 */
@NullMarked
package dev.luthier.train.peft;

import org.jspecify.annotations.NullMarked;
