package dev.luthier.recipe.document;

import java.io.Serial;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** A recipe cannot be read. The message has one line for each problem, by line of the file. */
public final class RecipeException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  private final transient List<Problem> problems;

  /** An exception that reports all problems found. */
  public RecipeException(List<Problem> problems) {
    super(inOrder(problems).stream().map(Problem::toString).collect(Collectors.joining("\n")));
    this.problems = inOrder(problems);
  }

  /** All problems, by line. */
  public List<Problem> problems() {
    return problems;
  }

  private static List<Problem> inOrder(List<Problem> problems) {
    return problems.stream().sorted(Comparator.comparing(Problem::place)).toList();
  }
}
