/**
 * BERT (Devlin et al. 2018, arXiv:1810.04805).
 *
 * <p>Options of config.json that change the mathematics: {@code hidden_act}, {@code
 * layer_norm_eps}, the dropouts, {@code type_vocab_size}, {@code tie_word_embeddings}. Relative
 * positions and use as a decoder are refused.
 */
@NullMarked
package dev.luthier.model.bert;

import org.jspecify.annotations.NullMarked;
