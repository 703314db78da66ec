package dev.luthier.run.plan;

import dev.luthier.model.nn.LayerNorm;
import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.vit.VitConfig;
import dev.luthier.model.vit.VitLayer;
import dev.luthier.model.vit.VitModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The parts of a Vision Transformer with a classifier, counted. The tokens of a batch are patches,
 * and one more for each image.
 */
final class VitWalk implements NetworkWalk.Parts {
  private final VitConfig config;
  private final Parameter projection;
  private final boolean embeddingsTrained;
  private final boolean normTrained;
  private final List<VitLayerWalk> layers = new ArrayList<>();
  private final List<LinearSite> head = new ArrayList<>();

  /**
   * Looks at a model whose adaptation is applied.
   *
   * @param dropout of low-rank updates
   */
  VitWalk(VitModel model, double dropout) {
    this.config = model.encoder().config();
    this.projection = model.encoder().projection();
    this.embeddingsTrained = NetworkWalk.trains(model.encoder().embeddings());
    Map<String, VitLayer> found = Modules.all(model, VitLayer.class);
    found.values().forEach(l -> layers.add(VitLayerWalk.of(l, config, dropout)));
    NetworkWalk.outside(model, found, Linear.class)
        .forEach(l -> head.add(LinearSite.of(l, dropout)));
    this.normTrained =
        NetworkWalk.outside(model, found, LayerNorm.class).stream().anyMatch(NetworkWalk::trains);
  }

  @Override
  public int width() {
    return config.width();
  }

  @Override
  public int inner() {
    return config.inner();
  }

  @Override
  public Products products() {
    return layers.get(0).blocks().products();
  }

  @Override
  public int layers() {
    return layers.size();
  }

  @Override
  public List<Parameter> multiplied() {
    return List.of(projection);
  }

  @Override
  public boolean embeddings(Tape tape, BatchShape batch, boolean training) {
    double patches = (double) batch.tokens() - batch.sequences();
    double pixels = patches * config.channels() * config.patch() * config.patch();
    double values = (double) batch.tokens() * config.width();
    boolean trained = training && projection.trainable();
    boolean gradient = training && embeddingsTrained;
    Products how = Products.with(projection);
    // The images themselves, and cut into patches.
    tape.make(pixels, true);
    how.input(tape, pixels, trained);
    tape.multiply(2 * pixels * config.width(), trained ? 1 : 0);
    how.output(tape, (double) projection.count(), pixels, patches * config.width(), trained, false);
    tape.passing(how.copies() ? patches * config.width() : 0);
    positions(tape, batch);
    // Behind a token for the whole; then, in training, what is left of the sum.
    tape.passing(values);
    boolean drops = training && config.dropout() > 0;
    tape.passing(drops ? values * (1 + EncoderWalk.DRAWS) : 0);
    tape.make(drops ? values : 0, gradient);
    tape.make(values, true);
    tape.gradients(gradient ? 2 * values : 0);
    return gradient;
  }

  /** The positions of images of another size than the table is for. */
  private void positions(Tape tape, BatchShape batch) {
    double table = (double) config.side() * config.side();
    double asked = batch.longest() - 1.0;
    tape.passing(asked == table ? 0 : (table + 3 * asked) * config.width());
  }

  @Override
  public boolean layer(int index, Tape tape, BatchShape batch, boolean input, boolean training) {
    // Frozen states are computed whole, for whatever is above them.
    boolean keepsStates =
        training && !embeddingsTrained && layers.stream().noneMatch(VitLayerWalk::isTrained);
    boolean firsts = !head.isEmpty() && index == layers.size() - 1 && !keepsStates;
    return layers.get(index).run(tape, batch, input, training, firsts);
  }

  @Override
  public void whole(int index, Tape tape, BatchShape batch) {
    var unused = layers.get(index).run(tape, batch, false, false, false);
  }

  @Override
  public void head(Tape tape, BatchShape batch, boolean input, boolean training) {
    boolean gradient = input || (training && normTrained);
    double rows = (double) (head.isEmpty() ? batch.tokens() : batch.sequences());
    // What the last norm reads, and its output, which lives as long as the logits.
    tape.make(rows * (config.width() + 2), gradient);
    tape.make(rows * config.width(), true);
    EncoderWalk.head(tape, head, rows, gradient, training);
  }
}
