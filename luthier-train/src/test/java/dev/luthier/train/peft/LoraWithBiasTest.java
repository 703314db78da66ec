package dev.luthier.train.peft;

import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import dev.luthier.train.Adaptation;
import dev.luthier.train.Adapted;
import java.util.List;
import java.util.Map;

/** LoRA with as much beside it as there can be: all biases, other ranks and scales. */
@Proves("lora")
class LoraWithBiasTest extends AdapterContract {
  @Override
  protected Adaptation subject() {
    return new LoraOptions()
        .bias(Lora.Bias.ALL)
        .rsLora()
        .targets("query", "dense")
        .exclude("regex:.*intermediate.*")
        .rankPattern("query", 3)
        .alphaPattern("output\\.dense", 5)
        .init(Lora.Start.GAUSSIAN)
        .lora();
  }

  @Override
  protected List<String> goldens() {
    return List.of("bert-bias-all");
  }

  @Override
  protected Map<String, Tensor> gradients(Adapted adapted) {
    return LoraTest.gradientsOf(adapted);
  }
}
