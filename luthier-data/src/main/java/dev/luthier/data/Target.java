package dev.luthier.data;

import java.util.Arrays;
import java.util.List;

/** What a model is to say about an example. */
public sealed interface Target {

  /** One class by its name, exactly as the file spells it. */
  record OneLabel(String label) implements Target {}

  /** The names of all classes that apply, in the file's order, without repetition; may be empty. */
  record ManyLabels(List<String> labels) implements Target {
    public ManyLabels {
      labels = List.copyOf(labels);
    }
  }

  /** A finite number to be predicted. */
  record Score(double value) implements Target {}

  /** A text that is to follow the example's own. */
  record Completion(String text) implements Target {}

  /** A vector to be predicted, for instance the embedding that a teacher gave the text. */
  @SuppressWarnings("ArrayRecordComponent") // copied in and out, and compared by content
  record Vector(float[] values) implements Target {
    public Vector {
      values = values.clone();
    }

    /** A copy of the components. */
    @Override
    public float[] values() {
      return values.clone();
    }

    /** The number of components. */
    public int size() {
      return values.length;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Vector vector && Arrays.equals(values, vector.values);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(values);
    }

    @Override
    public String toString() {
      return "Vector[size=" + values.length + "]";
    }
  }
}
