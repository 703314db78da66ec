package dev.luthier.data.batch;

import dev.luthier.data.Dataset;
import dev.luthier.data.Example;
import dev.luthier.data.image.ImageFile;
import dev.luthier.data.length.Lengths;
import dev.luthier.model.image.Vision;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/**
 * Makes tokens of images: one for the whole, then one for each patch at the full size. Each file is
 * decoded once, so that a damaged one stops the run before it begins, and its pixels are let go;
 * what the model is only asked about is not.
 *
 * @param vision of the model
 * @param base what the paths of images are relative to
 */
public record ImageEncoder(Vision vision, Path base) implements Encoder {
  /**
   * {@inheritDoc}
   *
   * @throws dev.luthier.data.DataException naming the row of an image that is not there, or that
   *     cannot be decoded
   */
  @Override
  public Encoded encode(Dataset dataset) {
    return encode(dataset, ImageFile::of);
  }

  @Override
  public Encoded asked(Dataset dataset) {
    return encode(dataset, ImageFile::unread);
  }

  private Encoded encode(Dataset dataset, BiFunction<Path, String, ImageFile> file) {
    int tokens = vision.tokens(vision.size());
    int[] places = IntStream.range(0, tokens).toArray();
    boolean[] special = new boolean[tokens];
    special[0] = true;
    List<EncodedExample> out =
        IntStream.range(0, dataset.size())
            .parallel()
            .mapToObj(
                i -> {
                  Example e = dataset.examples().get(i);
                  String place = "row " + e.row() + " of " + dataset.name();
                  ImageFile image = file.apply(base.resolve(e.text()), place);
                  return new EncodedExample(
                      i, e.row(), places, null, special, null, e.target(), image);
                })
            .toList();
    int[] lengths = new int[dataset.size()];
    Arrays.fill(lengths, tokens);
    List<Integer> all = IntStream.range(0, dataset.size()).boxed().toList();
    return Encoded.of(dataset, all, out, Lengths.of(lengths, tokens));
  }
}
