/** The JSON files of a model folder: read strictly, written the same way every time. */
@NullMarked
package dev.luthier.model.json;

import org.jspecify.annotations.NullMarked;
