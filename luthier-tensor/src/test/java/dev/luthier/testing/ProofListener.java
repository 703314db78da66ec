package dev.luthier.testing;

import dev.luthier.testing.Proof.Verdict;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Collects what tests that carry {@link Proves} show, and writes it down when they have run. Works
 * for every engine whose tests are methods, so for Jupiter's tests and jqwik's properties.
 *
 * <p>System properties: {@code luthier.root}, the root folder of the build, and {@code
 * luthier.module}, the module that is tested. Without them nothing is written.
 */
public final class ProofListener implements TestExecutionListener {
  /** A row and a test that names it. */
  private record Claim(String row, String test) {}

  private final Map<Claim, Verdict> verdicts = new ConcurrentHashMap<>();
  private final Optional<Path> root;
  private final String module;
  private final PrintStream out;
  private Optional<TestPlan> plan = Optional.empty();

  /** Writes where the build's system properties say; for the service loader. */
  public ProofListener() {
    this(
        Optional.ofNullable(System.getProperty("luthier.root"))
            .filter(r -> System.getProperty("luthier.module") != null)
            .map(Path::of),
        System.getProperty("luthier.module", ""),
        System.out);
  }

  ProofListener(Optional<Path> root, String module, PrintStream out) {
    this.root = root;
    this.module = module;
    this.out = out;
  }

  @Override
  public void testPlanExecutionStarted(TestPlan testPlan) {
    plan = Optional.of(testPlan);
  }

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    Verdict verdict =
        switch (result.getStatus()) {
          case SUCCESSFUL -> Verdict.PASSED;
          case ABORTED -> Verdict.SKIPPED;
          case FAILED -> Verdict.FAILED;
        };
    if (test.isTest()) {
      note(test, verdict);
    } else if (verdict != Verdict.PASSED) {
      noteAllBelow(test, verdict);
    }
  }

  @Override
  public void executionSkipped(TestIdentifier test, String reason) {
    note(test, Verdict.SKIPPED);
    noteAllBelow(test, Verdict.SKIPPED);
  }

  @Override
  public void testPlanExecutionFinished(TestPlan testPlan) {
    if (root.isEmpty()) {
      return;
    }
    List<Proof> proofs = new ArrayList<>();
    verdicts.forEach((claim, verdict) -> proofs.add(new Proof(claim.row, claim.test, verdict)));
    try {
      out.println(new ProofLedger(root.get()).record(module, proofs));
    } catch (IOException e) {
      throw new UncheckedIOException("the proven rows could not be written under " + root.get(), e);
    }
  }

  /** A class that could not start, or did not, says nothing about its tests one by one. */
  private void noteAllBelow(TestIdentifier container, Verdict verdict) {
    note(container, verdict);
    plan.ifPresent(p -> p.getDescendants(container).forEach(test -> note(test, verdict)));
  }

  private void note(TestIdentifier test, Verdict verdict) {
    if (test.getSource().orElse(null) instanceof MethodSource method) {
      String name = method.getClassName() + "#" + method.getMethodName();
      for (String row : rows(method)) {
        verdicts.merge(new Claim(row, name), verdict, Verdict::graver);
      }
    }
  }

  private static List<String> rows(MethodSource method) {
    List<String> rows = new ArrayList<>();
    AnnotationSupport.findAnnotation(method.getJavaMethod(), Proves.class)
        .ifPresent(proves -> rows.addAll(List.of(proves.value())));
    for (Class<?> at = method.getJavaClass(); at != null; at = at.getEnclosingClass()) {
      AnnotationSupport.findAnnotation(at, Proves.class)
          .ifPresent(proves -> rows.addAll(List.of(proves.value())));
    }
    return rows.stream().distinct().toList();
  }
}
