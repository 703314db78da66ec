package dev.luthier.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.model.nn.Pass;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.tensor.io.TensorFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * Writes model folders and their outputs for {@code parity/check_saved.py}, if {@code
 * -Dluthier.parity} names a folder to write them to: one with {@code model/} and {@code
 * values.safetensors} for each family and head.
 */
class SavedForParityTest {
  private static final String[] HEADS = {
    "encoder",
    "sequence-classification",
    "sequence-classification-multi-label",
    "sequence-classification-regression",
    "token-classification",
    "question-answering",
    "masked-lm"
  };

  private static final String[] DECODER_HEADS = {
    "decoder",
    "causal-lm",
    "causal-lm-tied",
    "causal-lm-biased",
    "old-spelling",
    "sequence-classification",
    "sequence-classification-multi-label",
    "sequence-classification-regression",
    "token-classification"
  };

  @Test
  void folders_are_written_for_the_reference_to_load() throws IOException {
    String out = System.getProperty("luthier.parity", "");
    Assumptions.assumeFalse(out.isEmpty(), "set -Dluthier.parity to a folder to write to");
    int written = 0;
    for (String family : new String[] {"bert", "roberta", "distilbert"}) {
      for (String head : HEADS) {
        write(family + "-" + head, Path.of(out));
        written++;
      }
    }
    for (String head : DECODER_HEADS) {
      write("llama-" + head, Path.of(out));
      written++;
    }
    assertThat(written).isEqualTo(30);
  }

  private static void write(String name, Path out) throws IOException {
    Path golden = Resources.golden().resolve(name);
    Golden values = Golden.open(golden, "golden.safetensors");
    Pretrained model = Pretrained.load(golden, null, Rng.Key.of(1));
    Path folder = Files.createDirectories(out.resolve(name));
    model.save(folder.resolve("model"), DType.F32);
    try (Scope scope = Scope.open();
        Autograd.Guard off = Autograd.noGrad()) {
      Outputs o = model.model().forward(values.tokens(), Pass.EVALUATION);
      Map<String, Tensor> tensors = new TreeMap<>();
      for (String input : new String[] {"input_ids", "attention_mask", "token_type_ids"}) {
        if (values.has(input)) {
          tensors.put(input, values.value(input));
        }
      }
      Tensor logits = o.logits();
      if (logits == null) {
        tensors.put("last_hidden_state", padded(o.hidden(), values));
      } else {
        boolean sequences = model.head() instanceof Head.SequenceClassification;
        tensors.put("logits", sequences ? logits : padded(logits, values));
      }
      tensors.replaceAll((n, t) -> t.contiguous());
      TensorFiles.write(folder.resolve("values.safetensors"), tensors);
    }
  }

  private static Tensor padded(Tensor ragged, Golden values) {
    int[] lengths = values.lengths();
    long width = values.value("attention_mask").size(1);
    Tensor[] rows = new Tensor[lengths.length];
    long at = 0;
    for (int i = 0; i < rows.length; i++) {
      Tensor own = ragged.narrow(0, at, lengths[i]);
      Tensor filling = Tensor.zeros(DType.F32, width - lengths[i], ragged.size(1));
      rows[i] = Tensor.cat(0, own, filling);
      at += lengths[i];
    }
    return Tensor.stack(0, rows);
  }
}
