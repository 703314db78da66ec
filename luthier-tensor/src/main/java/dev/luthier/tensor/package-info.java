/**
 * Tensors, devices, scopes, autograd and random numbers: the only package that knows the native
 * engine.
 */
@NullMarked
package dev.luthier.tensor;

import org.jspecify.annotations.NullMarked;
