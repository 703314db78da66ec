package dev.luthier.run.plan;

import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.RmsNorm;
import dev.luthier.model.t5.T5Block;
import dev.luthier.model.t5.T5Config;
import dev.luthier.model.t5.T5Model;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The parts of an encoder-decoder, counted: the layers of the encoder, what is between them and the
 * decoder, the layers of the decoder. In a batch the wanted tokens of a sequence are its target,
 * and the others its source.
 */
final class T5Walk implements NetworkWalk.Parts {
  private final T5Config config;
  private final Parameter words;
  private final List<T5BlockWalk> encoder = new ArrayList<>();
  private final List<T5BlockWalk> decoder = new ArrayList<>();
  private final List<LinearSite> head = new ArrayList<>();
  private final List<Boolean> tables;
  private final List<Boolean> norms;
  private final boolean byRows;
  private final boolean shared;

  /**
   * Looks at a model whose adaptation is applied.
   *
   * @param dropout of low-rank updates
   * @param byRows whether the gradient of a table of words is that of the rows looked up
   */
  T5Walk(T5Model model, double dropout, boolean byRows) {
    this.config = model.config();
    this.words = model.words();
    Map<String, T5Block> found = Modules.all(model, T5Block.class);
    List<T5Block> blocks = List.copyOf(found.values());
    for (int i = 0; i < blocks.size(); i++) {
      boolean decodes = i >= config.layers();
      (decodes ? decoder : encoder).add(T5BlockWalk.of(blocks.get(i), config, decodes, dropout));
    }
    boolean isShared = false;
    for (Linear l : NetworkWalk.outside(model, found, Linear.class)) {
      head.add(LinearSite.of(l, dropout));
      isShared |= l.weight() == words;
    }
    this.shared = isShared;
    this.byRows = byRows && !isShared;
    this.tables = List.of(model.distances(false).trainable(), model.distances(true).trainable());
    this.norms =
        NetworkWalk.outside(model, found, RmsNorm.class).stream().map(NetworkWalk::trains).toList();
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
    return encoder.get(0).products();
  }

  @Override
  public int layers() {
    return encoder.size() + 1 + decoder.size();
  }

  @Override
  public boolean isRunAgain(int index) {
    return index != encoder.size();
  }

  @Override
  public double states(int index, BatchShape batch) {
    double tokens = (double) (index <= encoder.size() ? batch.sources() : batch.wanted());
    return tokens * config.width();
  }

  @Override
  public boolean embeddings(Tape tape, BatchShape batch, boolean training) {
    double values = (double) batch.tokens() * config.width();
    // The rows of all tokens, then those of the sources and of the targets.
    tape.make(2 * values, true);
    dropped(tape, values, training);
    distances(tape, batch.longestSource(), false, training);
    boolean gradient = training && words.trainable();
    if (gradient) {
      // Where the head shares the table, the sum with the head's.
      tape.gradients(2 * values + (byRows ? 0 : (shared ? 2 : 1) * (double) words.count()));
    }
    return gradient;
  }

  /** Dropout outside of layers, where all that it makes lives until the step is done. */
  private void dropped(Tape tape, double values, boolean training) {
    if (training && config.dropout() > 0) {
      tape.passing(values * EncoderWalk.DRAWS);
      tape.make(2 * values, true);
    }
  }

  /** What distances add to scores, and which rows of their table that is. */
  private void distances(Tape tape, double longest, boolean decodes, boolean training) {
    double pairs = longest * longest;
    // Numbers of rows are of eight bytes.
    tape.make(2 * pairs, training && tables.get(decodes ? 1 : 0));
    tape.passing(decodes ? pairs * (1 + config.heads()) : 0);
    tape.make(pairs * config.heads(), true);
  }

  @Override
  public boolean layer(int index, Tape tape, BatchShape batch, boolean input, boolean training) {
    boolean read = training && words.trainable();
    if (index < encoder.size()) {
      boolean x = index == 0 ? read : input;
      T5BlockWalk.Flow flow = new T5BlockWalk.Flow(x, false, training && tables.get(0));
      return encoder.get(index).run(tape, batch, flow, training);
    }
    if (index == encoder.size()) {
      boolean states = end(tape, (double) batch.sources(), input, norms.get(0), training);
      distances(tape, batch.longestTarget(), true, training);
      return states;
    }
    int place = index - encoder.size() - 1;
    T5BlockWalk.Flow flow =
        new T5BlockWalk.Flow(
            place == 0 ? read : input, training && reachesSource(), training && tables.get(1));
    return decoder.get(place).run(tape, batch, flow, training);
  }

  /** Whether anything is trained that the states of a source depend on. */
  private boolean reachesSource() {
    return words.trainable()
        || tables.get(0)
        || norms.get(0)
        || encoder.stream().anyMatch(T5BlockWalk::isTrained);
  }

  /** The norm above a stack, and dropout. */
  private boolean end(Tape tape, double rows, boolean input, boolean trained, boolean training) {
    double values = rows * config.width();
    DecoderLayerWalk.normed(tape, values, rows, input, training && trained);
    tape.make(values, true);
    dropped(tape, values, training);
    return input || (training && trained);
  }

  @Override
  public void whole(int index, Tape tape, BatchShape batch) {
    throw new IllegalStateException("an encoder-decoder has no layers in one row that run once");
  }

  @Override
  public void head(Tape tape, BatchShape batch, boolean input, boolean training) {
    double rows = (double) batch.wanted();
    boolean gradient = end(tape, rows, input, norms.get(1), training);
    // Scaled for the table of words.
    tape.make(config.tied() ? rows * config.width() : 0, true);
    LanguageHeadWalk.run(tape, head, rows, gradient, training);
  }
}
