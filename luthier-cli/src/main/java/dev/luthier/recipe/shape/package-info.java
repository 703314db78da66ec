/**
 * What a recipe can hold: the shape of every Java type that a record of a recipe may have as a
 * component. A shape reads nodes into values, writes values as nodes, and describes itself for
 * schemas, messages and lists, so that the records are the only place where keys are declared.
 */
@NullMarked
package dev.luthier.recipe.shape;

import org.jspecify.annotations.NullMarked;
