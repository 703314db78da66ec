package dev.luthier.train.peft;

import java.util.List;
import java.util.Map;

/** Makes LoRAs that differ from the default in some options. */
final class LoraOptions {
  private double dropout;
  private List<String> targets = List.of(Lora.ALL_LINEAR);
  private List<String> exclude = List.of();
  private boolean rsLora;
  private Lora.Bias bias = Lora.Bias.NONE;
  private List<String> modulesToSave;
  private List<Integer> layers = List.of();
  private Map<String, Integer> rankPattern = Map.of();
  private Map<String, Double> alphaPattern = Map.of();
  private Lora.Start init = Lora.Start.KAIMING;

  LoraOptions dropout(double value) {
    dropout = value;
    return this;
  }

  LoraOptions targets(String... values) {
    targets = List.of(values);
    return this;
  }

  LoraOptions exclude(String... values) {
    exclude = List.of(values);
    return this;
  }

  LoraOptions rsLora() {
    rsLora = true;
    return this;
  }

  LoraOptions bias(Lora.Bias value) {
    bias = value;
    return this;
  }

  LoraOptions modulesToSave(String... values) {
    modulesToSave = List.of(values);
    return this;
  }

  LoraOptions layers(Integer... values) {
    layers = List.of(values);
    return this;
  }

  LoraOptions rankPattern(String pattern, int rank) {
    rankPattern = Map.of(pattern, rank);
    return this;
  }

  LoraOptions alphaPattern(String pattern, double alpha) {
    alphaPattern = Map.of(pattern, alpha);
    return this;
  }

  LoraOptions init(Lora.Start value) {
    init = value;
    return this;
  }

  Lora lora() {
    return new Lora(
        8,
        16,
        dropout,
        targets,
        exclude,
        rsLora,
        bias,
        modulesToSave,
        layers,
        rankPattern,
        alphaPattern,
        init);
  }
}
