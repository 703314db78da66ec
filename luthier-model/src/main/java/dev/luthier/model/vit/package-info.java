/**
 * The Vision Transformer (Dosovitskiy et al. 2020, arXiv:2010.11929): an image is cut into patches,
 * each patch is a token, and an encoder with norms before its blocks reads them behind a [CLS]
 * token.
 *
 * <p>What differs from its neighbours: positions are a grid, which is interpolated where an image
 * has another size than the configuration's. Options of config.json that change the mathematics:
 * {@code hidden_act}, {@code layer_norm_eps}, {@code qkv_bias}, the dropouts. Images and patches
 * that are not square are refused.
 */
@NullMarked
package dev.luthier.model.vit;

import org.jspecify.annotations.NullMarked;
