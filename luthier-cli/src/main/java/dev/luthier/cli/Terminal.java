package dev.luthier.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Help.Ansi;

/**
 * Where a command prints: results on standard output, everything else on standard error. Text is
 * UTF-8, and coloured only where a person sees it: not into files or pipes, and not where {@code
 * NO_COLOR} is set.
 *
 * @param out results
 * @param err errors, warnings, progress
 * @param ansi whether to colour
 */
public record Terminal(PrintWriter out, PrintWriter err, Ansi ansi) {

  /** The terminal of the process. */
  public static Terminal ofProcess() {
    Charset charset = charset();
    return new Terminal(
        new PrintWriter(new FileOutputStream(FileDescriptor.out), true, charset),
        new PrintWriter(new FileOutputStream(FileDescriptor.err), true, charset),
        colour(System.getenv(), interactiveConsole().isPresent()));
  }

  /** Colour is for people: see <a href="https://no-color.org">no-color.org</a>. */
  static Ansi colour(Map<String, String> environment, boolean interactive) {
    boolean refused =
        !environment.getOrDefault("NO_COLOR", "").isEmpty()
            || environment.getOrDefault("TERM", "").equals("dumb");
    return interactive && !refused ? Ansi.ON : Ansi.OFF;
  }

  /**
   * Prints a line of results.
   *
   * @param markup text with picocli's marks, as {@code @|bold adamw|@}
   */
  public void line(String markup) {
    out.println(ansi.string(markup));
  }

  /** Prints a result as one JSON document, indented, ended by a line feed. */
  public void json(Object result) {
    try {
      out.print(writer().writeValueAsString(result) + "\n");
      out.flush();
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not a result: " + result, e);
    }
  }

  /** Prints what went wrong; every line of it on its own. */
  public void error(String message) {
    err.println(ansi.string("@|bold,red error:|@ ") + message);
  }

  /** Prints something that does not stop the work. */
  public void warning(String message) {
    err.println(ansi.string("@|bold,yellow warning:|@ ") + message);
  }

  /** The console, if a person sits at it: from Java 22 on there is one without a terminal too. */
  @SuppressWarnings("SystemConsoleNull")
  private static Optional<Console> interactiveConsole() {
    return Optional.ofNullable(System.console()).filter(Terminal::isTerminal);
  }

  private static boolean isTerminal(Console console) {
    try {
      return (Boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException beforeJava22) {
      return true;
    }
  }

  /** A console of Windows has a charset of its own; everywhere else and in files it is UTF-8. */
  private static Charset charset() {
    return System.getProperty("os.name", "").startsWith("Windows")
        ? interactiveConsole().map(Console::charset).orElse(StandardCharsets.UTF_8)
        : StandardCharsets.UTF_8;
  }

  private static ObjectWriter writer() {
    DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
    return new ObjectMapper()
        .writer(
            new DefaultPrettyPrinter().withObjectIndenter(indenter).withArrayIndenter(indenter));
  }
}
