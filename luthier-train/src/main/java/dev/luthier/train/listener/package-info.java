/** What watches a run. */
@NullMarked
package dev.luthier.train.listener;

import org.jspecify.annotations.NullMarked;
