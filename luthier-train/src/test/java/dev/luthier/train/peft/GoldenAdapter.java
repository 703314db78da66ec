package dev.luthier.train.peft;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.model.Outputs;
import dev.luthier.model.Pretrained;
import dev.luthier.model.Tokens;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Tensor;
import dev.luthier.tensor.io.TensorFile;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * An adapter that the reference library wrote, with its base and what it computes.
 *
 * @param folder of the adapter
 */
record GoldenAdapter(Path folder) {

  static GoldenAdapter of(String name) {
    return new GoldenAdapter(resource(name));
  }

  /** A folder of the golden files. */
  static Path resource(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(
                  GoldenAdapter.class.getResource("/golden/lora/" + name), "no golden " + name)
              .toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The base under its own head. */
  Pretrained base() {
    return base(expected().get("base").asText());
  }

  /** A golden base under its own head. */
  static Pretrained base(String name) {
    return Pretrained.load(resource(name), null, Rng.Key.of(0));
  }

  JsonNode expected() {
    try {
      return new ObjectMapper().readTree(folder.resolve("expected.json").toFile());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The names in a list of the expectations. */
  List<String> names(String key) {
    List<String> out = new ArrayList<>();
    expected().get(key).forEach(n -> out.add(n.asText()));
    return out;
  }

  TensorFile values() {
    return TensorFile.open(folder.resolve("golden.safetensors"));
  }

  /** The golden inputs without their padding. */
  static Tokens tokens(TensorFile file) {
    long rows = file.info("input_ids").shape()[0];
    long width = file.info("input_ids").shape()[1];
    long[] ids = file.tensor("input_ids").toLongs();
    long[] mask = file.tensor("attention_mask").toLongs();
    long[] types =
        file.names().contains("token_type_ids")
            ? file.tensor("token_type_ids").toLongs()
            : new long[ids.length];
    int[] lengths = new int[(int) rows];
    long[] numbers = new long[(int) rows];
    List<Long> kept = new ArrayList<>();
    List<Long> keptTypes = new ArrayList<>();
    for (int i = 0; i < ids.length; i++) {
      if (mask[i] == 1) {
        int row = (int) (i / width);
        lengths[row]++;
        numbers[row] = row;
        kept.add(ids[i]);
        keptTypes.add(types[i]);
      }
    }
    return new Tokens(tensor(kept), tensor(keptTypes), new Segments(lengths, numbers), null);
  }

  private static Tensor tensor(List<Long> values) {
    return Tensor.of(values.stream().mapToLong(Long::longValue).toArray(), values.size());
  }

  /** The logits of the golden inputs. */
  static Tensor logits(Pretrained model, TensorFile file) {
    return run(model, file).requireLogits();
  }

  private static Outputs run(Pretrained model, TensorFile file) {
    return model.model().forward(tokens(file), Pass.EVALUATION);
  }

  /** The mean cross-entropy of the golden labels. */
  static Tensor loss(Tensor logits, TensorFile file) {
    Tensor labels = file.tensor("labels");
    return Functional.crossEntropySum(logits, labels, null, 0).div((double) labels.count());
  }

  /** The gradients of the golden loss by key of the adapter's file. */
  static Map<String, Tensor> gradients(TensorFile file) {
    Map<String, Tensor> out = new TreeMap<>();
    for (String name : file.names()) {
      if (name.startsWith("grad.")) {
        out.put(name.substring("grad.".length()), file.tensor(name));
      }
    }
    return out;
  }

  /** The largest difference of two tensors' values. */
  static double difference(Tensor a, Tensor b) {
    return a.detach().sub(b.detach()).abs().max().item();
  }
}
