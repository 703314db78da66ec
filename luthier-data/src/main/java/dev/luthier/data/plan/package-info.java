/**
 * The data section of a recipe, and what it yields: three data sets, the labels and a report of
 * every count.
 */
@NullMarked
package dev.luthier.data.plan;

import org.jspecify.annotations.NullMarked;
