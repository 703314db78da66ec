package dev.luthier.cli;

import dev.luthier.tensor.Doctor;
import dev.luthier.tensor.Finding;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Looks at the machine. */
@Command(
    name = "doctor",
    description = "Check that this machine has what Luthier needs, and say how to mend what not.")
final class DoctorCommand implements Callable<Integer> {
  private final Terminal terminal;
  private final Supplier<List<Finding>> examination;

  @Mixin private final JsonOption json = new JsonOption();

  DoctorCommand(Terminal terminal) {
    this(terminal, Doctor::examine);
  }

  DoctorCommand(Terminal terminal, Supplier<List<Finding>> examination) {
    this.terminal = terminal;
    this.examination = examination;
  }

  @Override
  public Integer call() {
    List<Finding> findings = examination.get();
    boolean well = findings.stream().noneMatch(f -> f.level() == Finding.Level.ERROR);
    if (json.isOn()) {
      Map<String, Object> out = new LinkedHashMap<>();
      out.put("well", well);
      out.put("findings", findings.stream().map(DoctorCommand::json).toList());
      terminal.json(out);
    } else {
      findings.forEach(this::tell);
    }
    return well ? ExitCode.OK : ExitCode.MENDABLE;
  }

  private static Map<String, Object> json(Finding f) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("subject", f.subject());
    out.put("level", f.level().name().toLowerCase(Locale.ROOT));
    out.put("message", f.message());
    return out;
  }

  private void tell(Finding f) {
    String mark =
        switch (f.level()) {
          case OK -> "@|green ok     |@";
          case WARNING -> "@|yellow warning|@";
          case ERROR -> "@|red error  |@";
        };
    terminal
        .out()
        .println(terminal.ansi().string(mark) + " %-10s %s".formatted(f.subject(), f.message()));
  }
}
