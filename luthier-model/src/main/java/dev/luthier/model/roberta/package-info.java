/**
 * RoBERTa (Liu et al. 2019, arXiv:1907.11692): BERT's encoder over byte-level BPE, without segments
 * that matter and without a pooler; positions are counted from the padding id + 1.
 */
@NullMarked
package dev.luthier.model.roberta;

import org.jspecify.annotations.NullMarked;
