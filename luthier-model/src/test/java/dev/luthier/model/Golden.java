package dev.luthier.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Tensor;
import dev.luthier.tensor.io.TensorFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Values that a reference implementation computed for a padded batch, read as the ragged batch that
 * the real positions make.
 */
public final class Golden {
  private final TensorFile file;
  private final int[] lengths;
  private final long width;

  private Golden(TensorFile file) {
    this.file = file;
    Tensor mask = file.tensor("attention_mask");
    this.width = mask.size(1);
    long[] flat = mask.toLongs();
    this.lengths = new int[(int) mask.size(0)];
    for (int i = 0; i < flat.length; i++) {
      lengths[(int) (i / width)] += (int) flat[i];
    }
  }

  /** Opens the values of a golden folder. */
  public static Golden open(Path folder, String name) {
    return new Golden(TensorFile.open(folder.resolve(name)));
  }

  /** The batch without its padding. */
  public Tokens tokens() {
    Tensor types = has("token_type_ids") ? real("token_type_ids") : null;
    return new Tokens(real("input_ids"), types, segments(), null);
  }

  /** Where its sequences lie. */
  public Segments segments() {
    long[] rows = new long[lengths.length];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = i;
    }
    return new Segments(lengths, rows);
  }

  /** The tokens of each sequence. */
  public int[] lengths() {
    return lengths.clone();
  }

  /** Whether there is a value of this name. */
  public boolean has(String name) {
    return file.names().contains(name);
  }

  /** All names of values. */
  public Set<String> names() {
    return file.names();
  }

  /** A value as it is. */
  public Tensor value(String name) {
    return file.tensor(name);
  }

  /** The real positions of a value {@code [batch, length, ...]}: {@code [tokens, ...]}. */
  public Tensor real(String name) {
    Tensor padded = file.tensor(name);
    List<Tensor> parts = new ArrayList<>();
    for (int i = 0; i < lengths.length; i++) {
      parts.add(padded.select(0, i).narrow(0, 0, lengths[i]));
    }
    return Tensor.cat(0, parts.toArray(Tensor[]::new));
  }

  /** The real positions of logits on tokens, else the logits of sequences. */
  public Tensor logits() {
    return value("logits").dim() == 3 ? real("logits") : value("logits");
  }

  /**
   * Fails unless both agree to a bound relative to the largest expected value.
   *
   * @param what names the value in the failure's message
   */
  public static void requireClose(String what, Tensor found, Tensor expected, double bound) {
    assertThat(found.shape()).as(what).isEqualTo(expected.shape());
    Tensor wide = expected.to(DType.F64);
    double scale = Math.max(1e-6, wide.abs().max().item());
    double difference = found.detach().to(DType.F64).sub(wide).abs().max().item();
    assertThat(difference / scale).as(what).isLessThanOrEqualTo(bound);
  }

  /**
   * Fails unless these are the golden gradients, by name, to a bound relative to each one's largest
   * value.
   */
  public void requireGradients(Map<String, Tensor> found, double bound) {
    Set<String> expected =
        names().stream()
            .filter(n -> n.startsWith("grad."))
            .map(n -> n.substring(5))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(found.keySet()).isEqualTo(expected);
    double largest =
        expected.stream()
            .mapToDouble(n -> value("grad." + n).abs().max().item())
            .max()
            .orElseThrow();
    for (String name : expected) {
      Tensor reference = value("grad." + name);
      // Some gradients are zero in exact arithmetic (what is added to all logits of a softmax).
      double scale = Math.max(reference.abs().max().item(), 1e-2 * largest);
      double difference = found.get(name).sub(reference).abs().max().item();
      assertThat(difference / scale).as(name).isLessThanOrEqualTo(bound);
    }
  }
}
