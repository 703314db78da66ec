package dev.luthier.data.read;

import java.util.List;

/**
 * A file as the database sees it.
 *
 * @param relation what to put after FROM; rows come in the file's order
 * @param columns its columns, in order
 * @param named whether columns have names of their own
 * @param rows how many data rows it must yield, or -1 where only reading can tell
 * @param hint what to add to a message about a column that is not there; may be empty
 */
record Table(String relation, List<Column> columns, boolean named, long rows, String hint) {}
