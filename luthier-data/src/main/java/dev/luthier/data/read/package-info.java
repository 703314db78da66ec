/**
 * How files of rows become examples: CSV, TSV, JSON lines, JSON and Parquet, through an embedded
 * database that cannot leave the file.
 */
@NullMarked
package dev.luthier.data.read;

import org.jspecify.annotations.NullMarked;
