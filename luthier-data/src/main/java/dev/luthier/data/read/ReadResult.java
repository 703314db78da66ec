package dev.luthier.data.read;

import dev.luthier.data.Dataset;

/** A data set and the count of all rows of its file, also of those that it leaves out. */
public record ReadResult(Dataset dataset, ReadCounts counts) {}
