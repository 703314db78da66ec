package dev.luthier.recipe.sample;

/** A socket that recipes list. */
public interface Taste {}
