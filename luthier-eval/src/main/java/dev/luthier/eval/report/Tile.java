package dev.luthier.eval.report;

/**
 * A number of the report's head, or a line of one of its lists.
 *
 * @param name what it is
 * @param value the number as shown
 * @param remark said below it, or an empty string
 */
record Tile(String name, String value, String remark) {}
