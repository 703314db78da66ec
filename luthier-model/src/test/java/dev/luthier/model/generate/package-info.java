/** Tests of writing on. */
package dev.luthier.model.generate;
