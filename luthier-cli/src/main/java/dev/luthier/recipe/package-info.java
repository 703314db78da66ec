/**
 * Recipes: what a person writes to say what should be done. A recipe is YAML; what it may say is
 * declared by Java records, and nothing else.
 */
@NullMarked
package dev.luthier.recipe;

import org.jspecify.annotations.NullMarked;
