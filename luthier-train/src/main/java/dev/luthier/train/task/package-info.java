/** What a model is asked to do: its head, its targets, its predictions. */
@NullMarked
package dev.luthier.train.task;

import org.jspecify.annotations.NullMarked;
