package dev.luthier.train;

import dev.luthier.data.batch.EncodedDataset;
import dev.luthier.model.Model;
import java.nio.file.Path;

/**
 * What a run begins from. It is the same when a run that was ended goes on.
 *
 * @param model adapted, with the weights it has before the first step
 * @param data to train on
 * @param origin where model and data come from
 */
public record Beginning(Model model, EncodedDataset data, Origin origin) {
  /** A file or folder that a recipe names. */
  public Path resolve(Path named) {
    return origin.folder().resolve(named);
  }
}
