/** Tests of: From predictions to measured values. */
@NullMarked
package dev.luthier.eval.harness;

import org.jspecify.annotations.NullMarked;
