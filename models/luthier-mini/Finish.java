import dev.luthier.model.Head;
import dev.luthier.model.Pretrained;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import java.nio.file.Path;

/** Saves a run's model in half the bytes. Arguments: the model's folder, the folder to write. */
public final class Finish {
  public static void main(String[] arguments) {
    Pretrained.load(Path.of(arguments[0]), new Head.None(), Rng.Key.of(0))
        .save(Path.of(arguments[1]), DType.F16);
  }
}
