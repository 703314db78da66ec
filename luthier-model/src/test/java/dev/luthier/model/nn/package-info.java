/** Tests of layers. */
package dev.luthier.model.nn;
