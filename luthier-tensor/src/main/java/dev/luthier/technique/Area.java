package dev.luthier.technique;

/** The kinds of technique, as the chapters of the documentation. */
public enum Area {
  /** What a model is asked to do: heads and their outputs. */
  TASK,
  /** What of a model is trainable: adapters, freezing. */
  ADAPTATION,
  /** What is minimised. */
  OBJECTIVE,
  /** Objectives around objectives. */
  REGULARIZER,
  /** How gradients become updates. */
  OPTIMIZER,
  /** What numbers are computed with. */
  PRECISION,
  /** How a rate moves over the steps. */
  SCHEDULE,
  /** How data are prepared. */
  DATA,
  /** How a result is measured. */
  METRIC,
  /** What watches a run. */
  LISTENER,
  /** Several keys of a recipe under one name. */
  PRESET
}
