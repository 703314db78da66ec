/**
 * Metrics over a model's predictions. A metric is a record with its recipe keys as components; it
 * is computed from plain numbers, and prepares once what a bootstrap asks for a thousand times.
 */
@NullMarked
package dev.luthier.eval.metric;

import org.jspecify.annotations.NullMarked;
