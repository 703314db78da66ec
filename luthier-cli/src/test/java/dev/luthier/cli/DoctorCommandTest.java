package dev.luthier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.tensor.Finding;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Help.Ansi;

class DoctorCommandTest {
  private static final Finding WELL = new Finding(Finding.Level.OK, "cpu", "AVX2");
  private static final Finding SLOW = new Finding(Finding.Level.WARNING, "memory", "little");
  private static final Finding ILL =
      new Finding(Finding.Level.ERROR, "libstdc++", "is missing; install it");

  private final StringWriter out = new StringWriter();
  private final Terminal terminal =
      new Terminal(new PrintWriter(out, true), new PrintWriter(new StringWriter()), Ansi.OFF);

  @Test
  void what_is_well_is_said_and_the_exit_code_is_0() {
    assertThat(examine(List.of(WELL, SLOW))).isEqualTo(ExitCode.OK);
    assertThat(out.toString()).contains("ok      cpu", "warning memory     little");
  }

  @Test
  void what_is_missing_is_said_and_the_exit_code_is_1() {
    assertThat(examine(List.of(WELL, ILL))).isEqualTo(ExitCode.MENDABLE);
    assertThat(out.toString()).contains("error   libstdc++  is missing; install it");
  }

  @Test
  void findings_are_one_json_document() throws IOException {
    assertThat(examine(List.of(ILL), "--json")).isEqualTo(ExitCode.MENDABLE);
    JsonNode all = new ObjectMapper().readTree(out.toString());
    assertThat(all.get("well").asBoolean()).isFalse();
    assertThat(all.at("/findings/0/level").asText()).isEqualTo("error");
    assertThat(all.at("/findings/0/subject").asText()).isEqualTo("libstdc++");
  }

  @Test
  void this_machine_is_well() {
    assertThat(Luthier.run(terminal, Luthier.commands(terminal), "doctor")).isEqualTo(ExitCode.OK);
    assertThat(out.toString()).contains("platform", "engine");
  }

  private int examine(List<Finding> findings, String... options) {
    String[] words = new String[options.length + 1];
    words[0] = "doctor";
    System.arraycopy(options, 0, words, 1, options.length);
    return Luthier.run(terminal, List.of(new DoctorCommand(terminal, () -> findings)), words);
  }
}
