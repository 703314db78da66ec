package dev.luthier.train.peft;

import dev.luthier.model.Pretrained;
import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Adapted;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** LoRA at work: the updates in their layers, and what is trained in full beside them. */
final class LoraAdapted implements Adapted {
  private final LoraPlan plan;
  private final Pretrained base;
  private final @Nullable String baseName;
  private final Map<LoraPlan.Site, LoraDelta> deltas = new LinkedHashMap<>();

  /** The base's own values of what is trained in full, by path; belong to no scope. */
  private final Map<String, Tensor> originals = new LinkedHashMap<>();

  /** What was learnt, while the base's values are in its place. */
  private final Map<String, Tensor> aside = new LinkedHashMap<>();

  private @Nullable String fingerprint;
  private boolean enabled = true;
  private boolean merged;

  private LoraAdapted(LoraPlan plan, Pretrained base, @Nullable String baseName) {
    this.plan = plan;
    this.base = base;
    this.baseName = baseName;
    for (LoraPlan.Site s : plan.sites()) {
      Lora lora = plan.lora();
      double scale = lora.scale(s.rank(), s.alpha());
      deltas.put(
          s,
          new LoraDelta(
              s.path(), s.layer(), s.rank(), scale, lora.dropout(), lora.init().of(s.rank())));
    }
  }

  /**
   * Declares the updates; the model is as it was.
   *
   * @param baseName what adapter files call the base, or null. A made-up name does harm: PEFT looks
   *     for it on the network when it saves.
   */
  static LoraAdapted declare(LoraPlan plan, Pretrained base, @Nullable String baseName) {
    return new LoraAdapted(plan, base, baseName);
  }

  /** Puts the updates into their layers and freezes everything else. */
  LoraAdapted attach() {
    try (Scope scope = Scope.open();
        Autograd.Guard off = Autograd.noGrad()) {
      full().forEach((path, p) -> originals.put(path, p.value().detach().copy().keep()));
    }
    deltas.forEach((site, delta) -> site.layer().adapt(delta));
    plan.anatomy().trainOnly(tensors().values());
    return this;
  }

  /** Everything that is trained and saved, by its name in an adapter file. */
  Map<String, Parameter> tensors() {
    Map<String, Parameter> out = new LinkedHashMap<>();
    deltas.forEach(
        (site, delta) -> {
          out.put(PeftFolder.key(site.path() + ".lora_A.weight"), delta.a());
          out.put(PeftFolder.key(site.path() + ".lora_B.weight"), delta.b());
        });
    List<String> inside = deltas.keySet().stream().map(s -> s.path() + ".bias").toList();
    full()
        .forEach(
            (path, p) ->
                out.put(
                    PeftFolder.key(
                        inside.contains(path)
                            ? path.replaceFirst("bias$", "base_layer.bias")
                            : path),
                    p));
    return out;
  }

  private Map<String, Parameter> full() {
    Map<String, Parameter> out = new LinkedHashMap<>(plan.full());
    out.putAll(plan.biases());
    return out;
  }

  LoraPlan plan() {
    return plan;
  }

  Pretrained base() {
    return base;
  }

  @Nullable String baseName() {
    return baseName;
  }

  /** Identifies the weights of the base that stay as they are. */
  String fingerprint() {
    if (fingerprint == null) {
      Map<String, Parameter> frozen = new LinkedHashMap<>(plan.anatomy().parameters());
      frozen.keySet().removeAll(full().keySet());
      fingerprint = BaseFingerprint.of(frozen);
    }
    return fingerprint;
  }

  @Override
  public List<String> description() {
    List<String> lines = new ArrayList<>();
    Lora lora = plan.lora();
    lines.add(
        "LoRA on "
            + deltas.size()
            + " linear layers: "
            + Coverage.trainable(plan.anatomy().root())
            + (lora.rsLora() ? ", scale alpha/sqrt(r)" : "")
            + (lora.dropout() > 0 ? ", dropout " + lora.dropout() : ""));
    lines.addAll(Coverage.table(plan));
    if (!plan.saved().isEmpty()) {
      lines.add("trained in full: " + String.join(", ", plan.saved()));
    }
    if (!plan.biases().isEmpty()) {
      lines.add("trained biases: " + plan.biases().size());
    }
    List<String> left =
        plan.anatomy().headParts().stream()
            .filter(h -> plan.saved().stream().noneMatch(s -> h.equals(s) || h.startsWith(s + ".")))
            .toList();
    if (!left.isEmpty()) {
      lines.add(
          "not trained in full, though of the head: "
              + String.join(", ", left)
              + " (its weights came with the model; to train it, add it to modules-to-save)");
    }
    return Collections.unmodifiableList(lines);
  }

  @Override
  public boolean isSeparate() {
    return !merged;
  }

  @Override
  public void save(Path folder) {
    requireAttached("saved");
    if (!enabled) {
      throw new IllegalStateException("the adapter is switched off; switch it on to save it");
    }
    PeftFolder.save(this, folder);
  }

  @Override
  public void merge() {
    requireAttached("merged");
    setEnabled(true);
    deltas.forEach(
        (site, delta) -> {
          delta.mergeInto(site.layer());
          site.layer().adapt(null);
          delta.a().value().close();
          delta.b().value().close();
        });
    originals.values().forEach(Tensor::close);
    originals.clear();
    plan.anatomy().trainOnly(plan.anatomy().parameters().values());
    merged = true;
  }

  @Override
  public void setEnabled(boolean wanted) {
    requireAttached("switched");
    if (wanted == enabled) {
      return;
    }
    enabled = wanted;
    deltas.values().forEach(d -> d.setEnabled(wanted));
    try (Scope scope = Scope.open();
        Autograd.Guard off = Autograd.noGrad()) {
      full().forEach((path, p) -> swap(path, p.value(), wanted));
    }
  }

  private void swap(String path, Tensor value, boolean learnt) {
    Tensor kept = learnt ? aside.remove(path) : originals.get(path);
    if (!learnt) {
      aside.put(path, value.detach().copy().keep());
    }
    if (kept != null) {
      value.copyFrom(kept);
    }
    if (learnt && kept != null) {
      kept.close();
    }
  }

  private void requireAttached(String what) {
    if (merged) {
      throw new IllegalStateException(
          "the adapter is part of the weights now and cannot be " + what + "; save the model");
    }
  }
}
