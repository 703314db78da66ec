package dev.luthier.recipe.sample;

/** A socket. */
public interface Stirrer {}
