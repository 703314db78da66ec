package dev.luthier.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

class ProofListenerTest {
  @TempDir Path root;

  @Test
  void a_passing_test_proves_the_rows_of_its_method_its_class_and_the_classes_around() {
    run("a", Samples.Passing.class);

    assertThat(merged())
        .containsExactly(
            "row\ttest\tpassed",
            "row-of-class\t" + name(Samples.Passing.class) + "#passes\ttrue",
            "row-of-class\t" + name(Samples.Passing.Inner.class) + "#passes_too\ttrue",
            "row-one\t" + name(Samples.Passing.class) + "#passes\ttrue",
            "row-two\t" + name(Samples.Passing.class) + "#passes\ttrue");
  }

  @Test
  void one_failing_invocation_fails_the_test() {
    run("a", Samples.OnceFailing.class);

    assertThat(merged())
        .contains("row-three\t" + name(Samples.OnceFailing.class) + "#is_small\tfalse");
  }

  @Test
  void a_property_proves_as_a_test_does() {
    run("a", Samples.AsProperty.class);

    assertThat(merged())
        .contains("row-four\t" + name(Samples.AsProperty.class) + "#is_itself\ttrue");
  }

  @Test
  void skipped_tests_do_not_prove() {
    run("a", Samples.Skipping.class);

    assertThat(merged())
        .contains(
            "row-five\t" + name(Samples.Skipping.class) + "#is_disabled\tskipped",
            "row-six\t" + name(Samples.Skipping.class) + "#is_aborted\tskipped");
  }

  @Test
  void a_class_that_cannot_start_fails_all_its_tests() {
    run("a", Samples.NotStarting.class);

    assertThat(merged())
        .contains("row-seven\t" + name(Samples.NotStarting.class) + "#passes\tfalse");
  }

  @Test
  void modules_are_merged_and_a_new_run_of_a_module_replaces_its_old_one() {
    run("a", Samples.Passing.class);
    run("b", Samples.AsProperty.class);
    run("a", Samples.Skipping.class);

    assertThat(merged()).hasSize(4).noneMatch(line -> line.startsWith("row-one"));
  }

  @Test
  void a_row_counts_only_if_every_test_that_names_it_passed() throws IOException {
    ProofLedger ledger = new ProofLedger(root);
    ledger.record("a", List.of(Proof.ofLine("x\tA#a\ttrue"), Proof.ofLine("y\tA#b\ttrue")));

    String line =
        ledger.record("b", List.of(Proof.ofLine("y\tB#c\tfalse"), Proof.ofLine("z\tB#d\tskipped")));

    assertThat(line)
        .isEqualTo(
            "Rows of the catalogue proven: 1; not, because a test failed: y; not, because a test was"
                + " skipped: z");
  }

  private void run(String module, Class<?> sample) {
    LauncherConfig bare =
        LauncherConfig.builder().enableTestExecutionListenerAutoRegistration(false).build();
    LauncherFactory.create(bare)
        .execute(
            LauncherDiscoveryRequestBuilder.request()
                .selectors(DiscoverySelectors.selectClass(sample))
                .build(),
            new ProofListener(
                Optional.of(root), module, new PrintStream(OutputStream.nullOutputStream())));
  }

  private List<String> merged() {
    try {
      return Files.readAllLines(root.resolve("target/proven.tsv"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String name(Class<?> type) {
    return type.getName();
  }
}
