package dev.luthier.testing;

import dev.luthier.testing.Proof.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The files that say which rows of the catalogue are proven: {@code target/proven/<module>.tsv} of
 * each module, and {@code target/proven.tsv} of all.
 */
final class ProofLedger {
  private static final String HEADER = "row\ttest\tpassed";

  private final Path root;

  /** The ledger of the build whose root folder is given. */
  ProofLedger(Path root) {
    this.root = root;
  }

  /**
   * Replaces what a module said before, and merges all modules.
   *
   * @return one line about the whole build
   */
  String record(String module, Collection<Proof> proofs) throws IOException {
    Path folder = Files.createDirectories(root.resolve("target").resolve("proven"));
    write(folder.resolve(module + ".tsv"), proofs);
    List<Proof> all = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".tsv")).sorted().toList()) {
        Files.readAllLines(file).stream().skip(1).map(Proof::ofLine).forEach(all::add);
      }
    }
    write(root.resolve("target").resolve("proven.tsv"), all);
    return summary(all);
  }

  /** A row is proven when every test that names it passed. */
  private static String summary(List<Proof> proofs) {
    Map<String, Verdict> rows = new TreeMap<>();
    proofs.forEach(p -> rows.merge(p.row(), p.verdict(), Verdict::graver));
    long proven = rows.values().stream().filter(Verdict.PASSED::equals).count();
    StringBuilder line = new StringBuilder("Rows of the catalogue proven: " + proven);
    append(line, "not, because a test failed", rows, Verdict.FAILED);
    append(line, "not, because a test was skipped", rows, Verdict.SKIPPED);
    return line.toString();
  }

  private static void append(
      StringBuilder line, String words, Map<String, Verdict> rows, Verdict verdict) {
    List<String> names =
        rows.entrySet().stream()
            .filter(e -> e.getValue() == verdict)
            .map(Map.Entry::getKey)
            .toList();
    if (!names.isEmpty()) {
      line.append("; ").append(words).append(": ").append(String.join(", ", names));
    }
  }

  private static void write(Path file, Collection<Proof> proofs) throws IOException {
    List<String> lines = new ArrayList<>(List.of(HEADER));
    proofs.stream().sorted().map(Proof::line).forEach(lines::add);
    Path draft = Files.createTempFile(file.getParent(), file.getFileName().toString(), ".draft");
    Files.write(draft, lines);
    Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING);
  }
}
