/**
 * DistilBERT (Sanh et al. 2019, arXiv:1910.01108): half of BERT's layers, no segments, no pooler.
 *
 * <p>Options of config.json that change the mathematics: {@code activation}, {@code
 * sinusoidal_pos_embds}, the dropouts, {@code tie_word_embeddings}.
 */
@NullMarked
package dev.luthier.model.distilbert;

import org.jspecify.annotations.NullMarked;
