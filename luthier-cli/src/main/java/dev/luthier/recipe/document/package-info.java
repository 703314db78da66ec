/** The text of a recipe: its nodes and where they stand, its problems, reading and writing YAML. */
@NullMarked
package dev.luthier.recipe.document;

import org.jspecify.annotations.NullMarked;
