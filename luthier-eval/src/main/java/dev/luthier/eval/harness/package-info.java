/** From predictions and a choice of metrics to measured values. */
@NullMarked
package dev.luthier.eval.harness;

import org.jspecify.annotations.NullMarked;
