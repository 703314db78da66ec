/** Pre-trained models: what goes in, what comes out, how they are found, loaded and saved. */
@NullMarked
package dev.luthier.model;

import org.jspecify.annotations.NullMarked;
