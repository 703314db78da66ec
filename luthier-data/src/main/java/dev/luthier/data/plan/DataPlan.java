package dev.luthier.data.plan;

import dev.luthier.data.DataException;
import dev.luthier.data.DataFile;
import dev.luthier.data.Dataset;
import dev.luthier.data.Example;
import dev.luthier.data.TargetKind;
import dev.luthier.data.label.Labels;
import dev.luthier.data.label.SimilarLabels;
import dev.luthier.data.quality.DuplicatePolicy;
import dev.luthier.data.quality.Duplicates;
import dev.luthier.data.read.DatasetReader;
import dev.luthier.data.read.ReadResult;
import dev.luthier.data.split.FewShot;
import dev.luthier.data.split.Parts;
import dev.luthier.data.split.Splitter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Carries out a recipe's data section: read, split, look for duplicates, limit, and settle the
 * labels, in this order.
 */
public final class DataPlan {
  private final DataSpec spec;
  private final TargetKind kind;
  private final Path base;
  private final long seed;
  private final List<DataReport.FileRead> files = new ArrayList<>();
  private final List<DataReport.Overlap> overlaps = new ArrayList<>();
  private final List<DataReport.Part> parts = new ArrayList<>();
  private int keptForTraining;
  private long dropped;

  private DataPlan(DataSpec spec, TargetKind kind, Path base, long seed) {
    this.spec = spec;
    this.kind = kind;
    this.base = base;
    this.seed = seed;
  }

  /**
   * Reads and prepares the data.
   *
   * @param spec what the recipe says
   * @param kind what the task learns from the label column
   * @param base the folder that relative paths start from
   * @param seed the run's seed, which draws the examples of {@code limit-per-label}
   * @throws DataException when the data are not as described; the message says what to do
   */
  public static Splits load(DataSpec spec, TargetKind kind, Path base, long seed) {
    return new DataPlan(spec, kind, base, seed).load();
  }

  private Splits load() {
    Dataset train = read("train", spec.train());
    Dataset validation = readIfGiven("validation", spec.validation());
    Dataset test = readIfGiven("test", spec.test());
    if (spec.split() != null) {
      Parts split = Splitter.split(train, spec.split());
      train = split.train();
      validation =
          validation == null && !split.validation().isEmpty() ? split.validation() : validation;
      test = test == null && !split.test().isEmpty() ? split.test() : test;
      keptForTraining = split.keptForTraining();
    }
    train = withoutLeaks(train, validation, test);
    Dataset limited = limited(train, spec.train());
    Labels labels =
        kind == TargetKind.ONE_LABEL || kind == TargetKind.MANY_LABELS
            ? Labels.infer(limited)
            : null;
    record("train", limited, labels, 0, train.size() - limited.size());
    Dataset knownValidation = held("validation", validation, spec.validation(), labels);
    Dataset knownTest = held("test", test, spec.test(), labels);
    DataReport report =
        new DataReport(
            files,
            parts,
            overlaps,
            dropped,
            keptForTraining,
            labels == null ? List.of() : SimilarLabels.in(labels));
    return new Splits(limited, knownValidation, knownTest, labels, report);
  }

  private Dataset read(String key, DataFile file) {
    ReadResult result = DatasetReader.readCounted(file, kind, base);
    files.add(new DataReport.FileRead(key, file.file(), result.counts()));
    if (result.dataset().isEmpty()) {
      throw new DataException(
          "nothing of %s is left for %s: of %d rows, where leaves out %d and %d have no text"
              .formatted(
                  file.file(),
                  key,
                  result.counts().rows(),
                  result.counts().filtered(),
                  result.counts().withoutText()));
    }
    return result.dataset();
  }

  private @Nullable Dataset readIfGiven(String key, @Nullable DataFile file) {
    return file == null ? null : read(key, file);
  }

  private Dataset withoutLeaks(
      Dataset train, @Nullable Dataset validation, @Nullable Dataset test) {
    overlap("train", train, "validation", validation, true);
    overlap("train", train, "test", test, true);
    if (validation != null) {
      overlap("validation", validation, "test", test, false);
    }
    if (spec.duplicatePolicy() != DuplicatePolicy.DROP) {
      return train;
    }
    List<Dataset> held = new ArrayList<>();
    Stream.of(validation, test).filter(part -> part != null).forEach(held::add);
    Dataset clean = Duplicates.without(train, held);
    dropped = (long) train.size() - clean.size();
    if (clean.isEmpty()) {
      throw new DataException(
          "data.duplicates: drop leaves nothing to train on; every text of %s is held out too"
              .formatted(train.name()));
    }
    return clean;
  }

  private void overlap(
      String first, Dataset one, String second, @Nullable Dataset other, boolean fromTraining) {
    if (other == null) {
      return;
    }
    Duplicates.Found found = Duplicates.between(one, other);
    overlaps.add(new DataReport.Overlap(first, second, found));
    if (fromTraining && spec.duplicatePolicy() == DuplicatePolicy.ERROR) {
      Duplicates.refuse(found);
    }
  }

  private Dataset limited(Dataset data, @Nullable DataFile file) {
    return file == null || file.limitPerLabel() == null
        ? data
        : FewShot.limit(data, file.limitPerLabel(), seed);
  }

  private @Nullable Dataset held(
      String name, @Nullable Dataset data, @Nullable DataFile file, @Nullable Labels labels) {
    if (data == null) {
      return null;
    }
    Dataset known =
        labels == null
            ? data
            : labels.conform(data, spec.unknownLabelPolicy(), spec.train().file());
    if (known.isEmpty()) {
      throw new DataException(
          "nothing of %s is left for %s: training has none of its labels"
              .formatted(data.name(), name));
    }
    Dataset limited = limited(known, file);
    record(name, limited, labels, data.size() - known.size(), known.size() - limited.size());
    return limited;
  }

  private void record(
      String name, Dataset data, @Nullable Labels labels, long unknown, long overLimit) {
    parts.add(
        new DataReport.Part(
            name,
            data.name(),
            data.size(),
            data.fingerprint(),
            balance(data, labels),
            Duplicates.within(data),
            unknown,
            overLimit));
  }

  private static Map<String, Long> balance(Dataset data, @Nullable Labels labels) {
    Map<String, Long> counts = new LinkedHashMap<>();
    if (labels != null) {
      labels.names().forEach(label -> counts.put(label, 0L));
    }
    for (Example example : data.examples()) {
      Labels.of(example).forEach(label -> counts.merge(label, 1L, Long::sum));
    }
    return counts;
  }
}
