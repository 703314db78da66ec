package dev.luthier.cli;

import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The program. */
@Command(
    name = "luthier",
    description = "Fine-tune pre-trained models on the JVM.",
    mixinStandardHelpOptions = true,
    scope = CommandLine.ScopeType.INHERIT,
    versionProvider = Luthier.Version.class,
    footer = {
      "",
      "Exit codes: 0 done, 1 something you can mend (the message says what), 2 the command is not"
          + " understood, 70 a defect of Luthier."
    })
public final class Luthier {
  private static final String ISSUES = "Please report it with the lines above and the recipe.";

  /** Runs the program and ends the process. */
  public static void main(String[] arguments) {
    Terminal terminal = Terminal.ofProcess();
    int exitCode = run(terminal, commands(terminal), arguments);
    terminal.out().flush();
    terminal.err().flush();
    System.exit(exitCode);
  }

  /** The commands, each of which prints to the terminal. */
  static List<Object> commands(Terminal terminal) {
    return List.of(
        new TrainCommand(terminal),
        new PlanCommand(terminal),
        new LrFindCommand(terminal),
        new OptimizersCommand(terminal),
        new SeedsCommand(terminal),
        new BatchSizesCommand(terminal),
        new CriticalBatchCommand(terminal),
        new EvalCommand(terminal),
        new PredictCommand(terminal, System.in),
        new InspectCommand(terminal),
        new TechniquesCommand(terminal, Sockets.shapes()),
        new DoctorCommand(terminal));
  }

  /** Runs a command and says how it ended; nothing that fails leaves this method. */
  static int run(Terminal terminal, List<Object> commands, String... arguments) {
    CommandLine program = new CommandLine(new Luthier());
    commands.forEach(program::addSubcommand);
    program
        .setOut(terminal.out())
        .setErr(terminal.err())
        .setColorScheme(Help.defaultColorScheme(terminal.ansi()))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler((e, args) -> notUnderstood(terminal, e))
        .setExecutionExceptionHandler((e, command, result) -> failed(terminal, e));
    try {
      return arguments.length == 0 ? program.execute("--help") : program.execute(arguments);
    } catch (Throwable e) {
      return failed(terminal, e);
    }
  }

  private static int notUnderstood(Terminal terminal, ParameterException e) {
    terminal.error(String.valueOf(e.getMessage()));
    UnmatchedArgumentException.printSuggestions(e, terminal.err());
    String command = e.getCommandLine().getCommandSpec().qualifiedName();
    terminal.err().println("See " + command + " --help.");
    return ExitCode.USAGE;
  }

  private static int failed(Terminal terminal, Throwable failure) {
    Optional<String> mendable = Failure.toMend(failure);
    terminal.out().flush();
    if (mendable.isPresent()) {
      terminal.error(mendable.get());
      return ExitCode.MENDABLE;
    }
    failure.printStackTrace(terminal.err());
    terminal.error("this is a defect of Luthier " + Version.ofProgram() + ". " + ISSUES);
    return ExitCode.INTERNAL;
  }

  /** Says which Luthier on which Java on which machine. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"luthier " + ofProgram()};
    }

    static String ofProgram() {
      String version =
          Optional.ofNullable(Luthier.class.getPackage().getImplementationVersion())
              .orElse("in development");
      return "%s (Java %s, %s %s)"
          .formatted(
              version,
              System.getProperty("java.version"),
              System.getProperty("os.name"),
              System.getProperty("os.arch"));
    }
  }
}
