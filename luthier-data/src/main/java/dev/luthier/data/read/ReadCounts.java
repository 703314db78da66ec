package dev.luthier.data.read;

/**
 * What became of the rows of a file.
 *
 * @param rows data rows in the file
 * @param filtered rows that {@code where} left out
 * @param withoutText rows left out because they have no text
 */
public record ReadCounts(long rows, long filtered, long withoutText) {}
