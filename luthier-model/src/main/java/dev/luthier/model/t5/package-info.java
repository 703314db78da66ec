/**
 * T5 (Raffel et al. 2019, arXiv:1910.10683; its version 1.1 and FLAN-T5, Chung et al. 2022,
 * arXiv:2210.11416): an encoder that reads a source, and a decoder that writes a target and looks
 * at what the encoder made of the source. Both normalise before each block by the root mean square,
 * add to the scores of attention what depends on the distance of two tokens, and do not scale them.
 *
 * <p>Options of config.json that change the mathematics: {@code feed_forward_proj}, {@code d_kv},
 * {@code num_decoder_layers}, {@code relative_attention_num_buckets}, {@code
 * relative_attention_max_distance}, {@code layer_norm_epsilon}, {@code tie_word_embeddings}, {@code
 * scale_decoder_outputs}, {@code dropout_rate} and {@code decoder_start_token_id}. Quantized
 * weights are refused.
 */
@NullMarked
package dev.luthier.model.t5;

import org.jspecify.annotations.NullMarked;
