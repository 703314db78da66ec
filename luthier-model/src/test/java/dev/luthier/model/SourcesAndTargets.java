package dev.luthier.model;

import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Values that a reference computed for padded sources and targets, read as the ragged batch that
 * they make: each source and behind it its target.
 */
public final class SourcesAndTargets {
  private final Golden sources;
  private final Golden targets;

  private SourcesAndTargets(Path folder) {
    this.sources = Golden.open(folder, "golden.safetensors");
    this.targets = Golden.open(folder, "target.safetensors");
  }

  /** Opens the values of a golden folder. */
  public static SourcesAndTargets open(Path folder) {
    return new SourcesAndTargets(folder);
  }

  /** Loss, gradients and what belongs to sources. */
  public Golden values() {
    return sources;
  }

  /** The number of examples. */
  public int count() {
    return sources.lengths().length;
  }

  /** A value of all source tokens {@code [source tokens, ...]}. */
  public Tensor source(String name) {
    return sources.real(name);
  }

  /** A value of all target tokens {@code [target tokens, ...]}. */
  public Tensor target(String name) {
    return targets.real(name);
  }

  /** The ids of one source. */
  public long[] sourceIds(int example) {
    return part(sources, "input_ids", example);
  }

  /** The ids of one target. */
  public long[] targetIds(int example) {
    return part(targets, "labels", example);
  }

  private static long[] part(Golden golden, String name, int example) {
    int first = Arrays.stream(golden.lengths()).limit(example).sum();
    return Arrays.copyOfRange(
        golden.real(name).toLongs(), first, first + golden.lengths()[example]);
  }

  /** The batch without its padding. */
  public Tokens tokens() {
    return laid(
        IntStream.range(0, count()).mapToObj(this::sourceIds).toList(),
        IntStream.range(0, count()).mapToObj(this::targetIds).toList());
  }

  /** Sources and targets laid end to end. */
  public static Tokens laid(List<long[]> sources, List<long[]> targets) {
    int n = sources.size();
    int[] lengths = new int[n];
    long[] rows = new long[n];
    List<Long> ids = new ArrayList<>();
    List<Long> types = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      Arrays.stream(sources.get(i)).forEach(ids::add);
      Arrays.stream(targets.get(i)).forEach(ids::add);
      types.addAll(Collections.nCopies(sources.get(i).length, 0L));
      types.addAll(Collections.nCopies(targets.get(i).length, 1L));
      lengths[i] = sources.get(i).length + targets.get(i).length;
      rows[i] = i;
    }
    return new Tokens(tensor(ids), tensor(types), new Segments(lengths, rows), null);
  }

  private static Tensor tensor(List<Long> values) {
    return Tensor.of(values.stream().mapToLong(Long::longValue).toArray(), values.size());
  }

  /** The rows of source tokens among those of all tokens. */
  public Tensor ofSources(Tensor all) {
    return rows(all, 0);
  }

  /** The rows of target tokens among those of all tokens. */
  public Tensor ofTargets(Tensor all) {
    return rows(all, 1);
  }

  private Tensor rows(Tensor all, long type) {
    long[] types = tokens().types().toLongs();
    long[] at =
        IntStream.range(0, types.length).filter(i -> types[i] == type).asLongStream().toArray();
    return all.indexSelect(0, Tensor.of(at, at.length));
  }
}
