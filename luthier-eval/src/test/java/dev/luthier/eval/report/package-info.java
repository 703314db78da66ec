/** What a report shows, and that nothing in it can do harm. */
@NullMarked
package dev.luthier.eval.report;

import org.jspecify.annotations.NullMarked;
