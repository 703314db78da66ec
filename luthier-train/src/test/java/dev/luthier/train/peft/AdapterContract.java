package dev.luthier.train.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.model.Pretrained;
import dev.luthier.model.nn.Modules;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.tensor.io.TensorFile;
import dev.luthier.train.Adapted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** What every adaptation that is kept apart from its base must hold to, besides. */
public abstract class AdapterContract extends AdaptationContract {
  /** Relative bound of logits, and the bound of what merging changes. */
  private static final double LOGITS = 1e-5;

  private static final double GRADIENTS = 1e-4;

  /** Folders of adapters that the reference library wrote. */
  protected abstract List<String> goldens();

  /** Reads an adapter's folder. */
  protected Adapted load(Path folder, Pretrained base) {
    return PeftFolder.load(folder, base);
  }

  @TestFactory
  Stream<DynamicTest> logits_equal_those_of_the_reference_with_without_and_merged() {
    return goldens().stream().map(name -> DynamicTest.dynamicTest(name, () -> requireLogits(name)));
  }

  private void requireLogits(String name) {
    GoldenAdapter golden = GoldenAdapter.of(name);
    Pretrained model = golden.base();
    try (Scope scope = Scope.open();
        Autograd.Guard off = Autograd.noGrad();
        TensorFile file = golden.values()) {
      Tensor own = GoldenAdapter.logits(model, file);
      Adapted adapted = load(golden.folder(), model);
      Tensor with = GoldenAdapter.logits(model, file);
      requireClose(with, file.tensor("logits"));
      adapted.setEnabled(false);
      Tensor without = GoldenAdapter.logits(model, file);
      assertThat(without.sameAs(own)).isTrue();
      requireClose(without, file.tensor("base_logits"));
      adapted.setEnabled(true);
      assertThat(GoldenAdapter.logits(model, file).sameAs(with)).isTrue();
      adapted.merge();
      Tensor merged = GoldenAdapter.logits(model, file);
      requireClose(merged, file.tensor("merged_logits"));
      requireClose(merged, with);
    }
  }

  @TestFactory
  Stream<DynamicTest> gradients_equal_those_of_the_reference() {
    return goldens().stream()
        .map(name -> DynamicTest.dynamicTest(name, () -> requireGradients(name)));
  }

  private void requireGradients(String name) {
    GoldenAdapter golden = GoldenAdapter.of(name);
    Pretrained model = golden.base();
    Adapted adapted = load(golden.folder(), model);
    try (Scope scope = Scope.open();
        TensorFile file = golden.values()) {
      GoldenAdapter.loss(GoldenAdapter.logits(model, file), file).backward();
      Map<String, Tensor> wanted = GoldenAdapter.gradients(file);
      Map<String, Tensor> found = gradients(adapted);
      assertThat(found.keySet()).isEqualTo(wanted.keySet());
      found.forEach(
          (key, g) -> {
            double scale = Math.max(1e-2, wanted.get(key).abs().max().item());
            assertThat(GoldenAdapter.difference(g, wanted.get(key)))
                .as(key)
                .isLessThan(GRADIENTS * scale);
          });
      assertThat(Modules.countTrainable(model.model()))
          .isEqualTo(golden.expected().get("trainable_parameters").asLong());
    }
  }

  /** The gradients of what is saved, by key of the adapter's file. */
  protected abstract Map<String, Tensor> gradients(Adapted adapted);

  private static void requireClose(Tensor found, Tensor wanted) {
    double scale = Math.max(1, wanted.abs().max().item());
    assertThat(GoldenAdapter.difference(found, wanted)).isLessThan(LOGITS * scale);
  }

  @TestFactory
  Stream<DynamicTest> what_the_reference_saved_is_saved_again_with_the_same_tensors(
      @TempDir Path folder) {
    return goldens().stream()
        .map(name -> DynamicTest.dynamicTest(name, () -> requireSavedAgain(name, folder)));
  }

  private void requireSavedAgain(String name, Path folder) {
    GoldenAdapter golden = GoldenAdapter.of(name);
    Path saved = folder.resolve(name);
    load(golden.folder(), golden.base()).save(saved);
    try (TensorFile ours = TensorFile.open(saved.resolve("adapter_model.safetensors"));
        TensorFile theirs = TensorFile.open(golden.folder().resolve("adapter_model.safetensors"))) {
      assertThat(ours.names()).containsExactlyInAnyOrderElementsOf(golden.names("keys"));
      ours.names().forEach(k -> assertThat(ours.tensor(k).sameAs(theirs.tensor(k))).as(k).isTrue());
    }
  }

  @Test
  void what_was_saved_loads_to_the_same_logits_and_saves_to_the_same_bytes(@TempDir Path folder)
      throws IOException {
    Pretrained model = base();
    Adapted adapted = subject().apply(model, Rng.Key.of(1));
    Practice.of(model, "bert-plain", 5, true);
    adapted.save(folder.resolve("one"));
    Pretrained again = base();
    Adapted loaded = load(folder.resolve("one"), again);
    loaded.save(folder.resolve("two"));
    assertThat(files(folder.resolve("two"))).isEqualTo(files(folder.resolve("one")));
    try (Scope scope = Scope.open();
        TensorFile file = GoldenAdapter.of("bert-plain").values()) {
      assertThat(GoldenAdapter.logits(again, file).sameAs(GoldenAdapter.logits(model, file)))
          .isTrue();
    }
  }

  private static Map<String, String> files(Path folder) throws IOException {
    Map<String, String> out = new TreeMap<>();
    try (Stream<Path> all = Files.list(folder)) {
      for (Path p : all.toList()) {
        out.put(p.getFileName().toString(), HexFormat.of().formatHex(Files.readAllBytes(p)));
      }
    }
    return out;
  }

  @Test
  void switched_off_after_training_it_is_the_base_to_the_bit() {
    Pretrained model = base();
    try (Scope scope = Scope.open();
        TensorFile file = GoldenAdapter.of("bert-plain").values()) {
      Tensor before = GoldenAdapter.logits(model, file).detach();
      Adapted adapted = subject().apply(model, Rng.Key.of(1));
      Practice.of(model, "bert-plain", 5, true);
      Tensor after = GoldenAdapter.logits(model, file).detach();
      adapted.setEnabled(false);
      assertThat(GoldenAdapter.logits(model, file).sameAs(before)).isTrue();
      adapted.setEnabled(true);
      assertThat(GoldenAdapter.logits(model, file).sameAs(after)).isTrue();
      assertThat(after.sameAs(before)).isFalse();
    }
  }

  @Test
  void merging_after_training_keeps_the_logits_and_leaves_a_model_that_stands_alone() {
    Pretrained model = base();
    try (Scope scope = Scope.open();
        TensorFile file = GoldenAdapter.of("bert-plain").values()) {
      Adapted adapted = subject().apply(model, Rng.Key.of(1));
      Practice.of(model, "bert-plain", 12, true);
      Tensor before = GoldenAdapter.logits(model, file).detach();
      adapted.merge();
      requireClose(GoldenAdapter.logits(model, file), before);
      assertThat(Modules.parameters(model.model()).keySet())
          .isEqualTo(Modules.parameters(base().model()).keySet());
      assertThat(adapted.isSeparate()).isFalse();
      assertThatThrownBy(() -> adapted.save(Path.of("nowhere")))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("save the model");
    }
  }
}
