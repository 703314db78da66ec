/** What the curves of a training say: pure functions of numbers, without a run around them. */
@NullMarked
package dev.luthier.train.diagnosis;

import org.jspecify.annotations.NullMarked;
