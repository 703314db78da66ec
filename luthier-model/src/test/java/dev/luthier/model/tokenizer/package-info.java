/** Tests of tokenizers. */
package dev.luthier.model.tokenizer;
