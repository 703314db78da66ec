/** Test kits for families of models, and the tests of the model module. */
package dev.luthier.model;
