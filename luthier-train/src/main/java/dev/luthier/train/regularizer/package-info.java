/** Objectives around objectives, which keep a model from learning its few examples by heart. */
@NullMarked
package dev.luthier.train.regularizer;

import org.jspecify.annotations.NullMarked;
