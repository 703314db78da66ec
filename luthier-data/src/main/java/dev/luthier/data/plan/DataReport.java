package dev.luthier.data.plan;

import dev.luthier.data.quality.Duplicates;
import dev.luthier.data.read.ReadCounts;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What became of every row, for the console and the final report.
 *
 * @param files the files in the order they were read
 * @param parts training, validation and test, as far as there are
 * @param overlaps texts that two parts share, before any were dropped
 * @param droppedFromTraining training examples left out because a held-out part has their text
 * @param keptForTraining labels of one example only, which the split left in training
 * @param similarLabels pairs of labels that differ in letter case or white space alone
 */
public record DataReport(
    List<FileRead> files,
    List<Part> parts,
    List<Overlap> overlaps,
    long droppedFromTraining,
    int keptForTraining,
    List<String> similarLabels) {

  /** A file that was read, by its recipe key. */
  public record FileRead(String key, String file, ReadCounts counts) {}

  /**
   * One part.
   *
   * @param name train, validation or test
   * @param file where its rows come from
   * @param examples how many it has
   * @param fingerprint the SHA-256 of its content
   * @param balance the examples of each label, in the order of the labels; empty without labels
   * @param duplicates texts that it holds more than once
   * @param unknownLabels rows left out because training does not have their label
   * @param overLimit rows left out by limit-per-label
   */
  public record Part(
      String name,
      String file,
      int examples,
      String fingerprint,
      Map<String, Long> balance,
      Duplicates.Found duplicates,
      long unknownLabels,
      long overLimit) {
    public Part {
      balance = Collections.unmodifiableMap(new LinkedHashMap<>(balance));
    }
  }

  /** Texts of {@code second} that {@code first} has too. */
  public record Overlap(String first, String second, Duplicates.Found found) {}

  public DataReport {
    files = List.copyOf(files);
    parts = List.copyOf(parts);
    overlaps = List.copyOf(overlaps);
    similarLabels = List.copyOf(similarLabels);
  }

  /** What a person should know before the run starts, one fact a line. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    for (FileRead read : files) {
      lines.add(
          "%s: %s, %d rows%s%s"
              .formatted(
                  read.key(),
                  read.file(),
                  read.counts().rows(),
                  counted(read.counts().filtered(), "left out by where"),
                  counted(read.counts().withoutText(), "skipped without text")));
    }
    for (Part part : parts) {
      lines.add(
          "%s: %d examples%s%s%s"
              .formatted(
                  part.name(),
                  part.examples(),
                  balance(part.balance()),
                  counted(part.overLimit(), "left out by limit-per-label"),
                  counted(part.unknownLabels(), "skipped with unknown labels")));
    }
    lines.addAll(warnings());
    return lines;
  }

  /** What may be wrong with the data, one finding a line; empty when nothing is. */
  public List<String> warnings() {
    List<String> lines = new ArrayList<>();
    for (Part part : parts) {
      addFound(lines, part.name() + " has %d texts more than once", part.duplicates());
    }
    for (Overlap overlap : overlaps) {
      addFound(
          lines,
          "%%d texts of %s are also in %s".formatted(overlap.second(), overlap.first()),
          overlap.found());
    }
    if (droppedFromTraining > 0) {
      lines.add(droppedFromTraining + " examples were dropped from train, which others share");
    }
    if (keptForTraining > 0) {
      lines.add(keptForTraining + " labels have one example only; it stays in train");
    }
    similarLabels.forEach(pair -> lines.add("labels that look the same: " + pair));
    return lines;
  }

  private static void addFound(List<String> lines, String what, Duplicates.Found found) {
    if (found.examples() > 0) {
      Duplicates.Twin first = found.shown().get(0);
      lines.add(
          what.formatted(found.examples())
              + counted(found.conflicts(), "with another label")
              + "; first: %s and %s".formatted(first.first(), first.second()));
    }
  }

  private static String counted(long count, String what) {
    return count == 0 ? "" : ", " + count + " " + what;
  }

  private static String balance(Map<String, Long> balance) {
    if (balance.isEmpty()) {
      return "";
    }
    return ", %d labels of %d to %d examples"
        .formatted(
            balance.size(), Collections.min(balance.values()), Collections.max(balance.values()));
  }
}
