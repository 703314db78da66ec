package dev.luthier.data.batch;

import dev.luthier.data.Dataset;
import dev.luthier.data.length.Lengths;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** Turns the texts, or the images, of a data set into tokens. */
@FunctionalInterface
public interface Encoder {
  /** Encodes every example, on all processors. */
  Encoded encode(Dataset dataset);

  /**
   * Encodes what the model is asked about once. A file that is damaged may then be found when it is
   * seen, and the fingerprint may be of the files' paths alone.
   */
  default Encoded asked(Dataset dataset) {
    return encode(dataset);
  }

  /**
   * An encoded data set.
   *
   * @param data what the model will see
   * @param kept the examples it was made of: one for each of {@code data}, in the same order; one
   *     that was cut into windows stands here once for each
   * @param lengths of all examples, before any was cut or left out
   * @param dropped how many examples were left out for their length
   * @param truncated how many examples were cut
   * @param notes what else became of them, one fact a line
   */
  record Encoded(
      EncodedDataset data,
      Dataset kept,
      Lengths lengths,
      int dropped,
      int truncated,
      List<String> notes) {
    /** Copies the notes. */
    public Encoded {
      notes = List.copyOf(notes);
    }

    /**
     * What is encoded one by one: what is missing was left out for its length, what else is too
     * long was cut.
     *
     * @param places of the kept examples in {@code from}
     */
    static Encoded of(
        Dataset from, List<Integer> places, List<EncodedExample> examples, Lengths lengths) {
      int dropped = from.size() - examples.size();
      return of(from, places, examples, lengths, dropped, lengths.over() - dropped, List.of());
    }

    static Encoded of(
        Dataset from,
        List<Integer> places,
        List<EncodedExample> examples,
        Lengths lengths,
        int dropped,
        int truncated,
        List<String> notes) {
      Dataset sources = from.subset(places.stream().distinct().mapToInt(i -> i).toArray());
      return new Encoded(
          new EncodedDataset(from.name(), examples, fingerprint(sources, examples)),
          from.subset(places.stream().mapToInt(i -> i).toArray()),
          lengths,
          dropped,
          truncated,
          notes);
    }

    /** One line for the console. */
    public String summary() {
      return data.name()
          + ": "
          + lengths.summary()
          + (dropped > 0 ? ", " + dropped + " left out" : "")
          + (truncated > 0 ? ", " + truncated + " cut" : "");
    }

    /** SHA-256 of the examples' content and of the tokens, or the files, that stand for them. */
    private static String fingerprint(Dataset sources, List<EncodedExample> examples) {
      try {
        MessageDigest d = MessageDigest.getInstance("SHA-256");
        d.update(sources.fingerprint().getBytes(StandardCharsets.US_ASCII));
        for (EncodedExample e : examples) {
          d.update(Arrays.toString(e.ids()).getBytes(StandardCharsets.US_ASCII));
          if (e.learnt() != null) {
            d.update(Arrays.toString(e.learnt()).getBytes(StandardCharsets.US_ASCII));
          }
          String image = e.image() == null ? null : e.image().sha256();
          if (image != null) {
            d.update(image.getBytes(StandardCharsets.US_ASCII));
          }
        }
        return HexFormat.of().formatHex(d.digest());
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java platform has SHA-256", e);
      }
    }
  }
}
