/**
 * A whole fine-tuning run, from a recipe to a report. What the commands do, a program does with the
 * same few lines: {@code FineTuning.of(recipe, folder).run()}.
 */
@NullMarked
package dev.luthier.run;

import org.jspecify.annotations.NullMarked;
