package dev.luthier.recipe.sample;

/** A socket whose techniques nest. */
public interface Aim {}
