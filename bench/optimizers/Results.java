import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** What was measured, one run a line; a line is written as soon as its run has ended. */
final class Results {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final List<ObjectNode> runs = new ArrayList<>();

  Results(Path file) throws IOException {
    this.file = file;
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file)) {
        runs.add((ObjectNode) JSON.readTree(line));
      }
    }
  }

  static ObjectNode empty() {
    return JSON.createObjectNode();
  }

  void add(ObjectNode run) throws IOException {
    runs.add(run);
    Files.writeString(file, run + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /** Forgets runs, so that they are made again. */
  void forget(Predicate<ObjectNode> which) throws IOException {
    if (runs.removeIf(which)) {
      StringBuilder all = new StringBuilder();
      runs.forEach(r -> all.append(r).append('\n'));
      Files.writeString(file, all);
    }
  }

  /** The runs of a subject of a case, in the order in which they were made. */
  List<ObjectNode> of(String setup, String subject) {
    return runs.stream()
        .filter(r -> text(r, "case").equals(setup) && text(r, "subject").equals(subject))
        .toList();
  }

  /** The run of one rate and seed, if it was made. */
  Optional<ObjectNode> find(String setup, String subject, double factor, int seed, boolean trial) {
    return of(setup, subject).stream()
        .filter(r -> Math.abs(r.get("factor").asDouble() / factor - 1) < 1e-6)
        .filter(r -> r.get("seed").asInt() == seed && r.get("trial").asBoolean() == trial)
        .findFirst();
  }

  static String text(ObjectNode run, String key) {
    return run.get(key).asText();
  }
}
