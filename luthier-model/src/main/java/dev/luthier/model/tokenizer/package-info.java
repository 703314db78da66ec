/**
 * From text to token ids and back, by the tokenizers of the Hugging Face library (through DJL's
 * binding): exact ids, offsets in the units of a Java string.
 */
@NullMarked
package dev.luthier.model.tokenizer;

import org.jspecify.annotations.NullMarked;
