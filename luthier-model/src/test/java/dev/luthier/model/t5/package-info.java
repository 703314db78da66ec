/** Tests of what T5 does with distances. */
package dev.luthier.model.t5;
