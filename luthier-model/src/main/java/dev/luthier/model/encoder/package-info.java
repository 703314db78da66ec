/**
 * The Transformer encoder with normalisation after each residual (Vaswani et al. 2017,
 * arXiv:1706.03762; Devlin et al. 2018, arXiv:1810.04805) and the heads that stand on it. Families
 * differ in names, in positions and in heads; each gives a table of its names.
 */
@NullMarked
package dev.luthier.model.encoder;

import org.jspecify.annotations.NullMarked;
