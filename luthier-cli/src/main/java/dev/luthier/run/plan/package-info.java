/**
 * What a run will need, worked out before it starts: parameters, memory, disk, arithmetic. Nothing
 * here is fitted to a case: sizes follow from the shapes of the network and of the batches, and the
 * few constants that cannot (the engine's own libraries) are measured ones, named where they stand.
 */
@NullMarked
package dev.luthier.run.plan;

import org.jspecify.annotations.NullMarked;
