/**
 * Letting a decoder write on: which token comes next, and when to stop. A result is a function of
 * model, prompt and key; it does not depend on the other prompts of a batch.
 */
@NullMarked
package dev.luthier.model.generate;

import org.jspecify.annotations.NullMarked;
