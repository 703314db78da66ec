/**
 * Llama (Touvron et al. 2023, arXiv:2302.13971 and arXiv:2307.09288; Grattafiori et al. 2024,
 * arXiv:2407.21783): a decoder that normalises before each block by the root mean square, turns
 * queries and keys with their position, shares keys and values among heads, and feeds forward
 * through a gate.
 *
 * <p>Options of config.json that change the mathematics: {@code hidden_act}, {@code rms_norm_eps},
 * {@code num_key_value_heads}, {@code head_dim}, {@code attention_bias}, {@code mlp_bias}, {@code
 * attention_dropout}, {@code tie_word_embeddings} and what says how positions turn. Quantized
 * weights, cross-attention and heads that turn in part are refused.
 */
@NullMarked
package dev.luthier.model.llama;

import org.jspecify.annotations.NullMarked;
