package dev.luthier.run.plan;

import dev.luthier.model.Head;
import dev.luthier.model.llama.LlamaConfig;
import dev.luthier.model.llama.LlamaLayer;
import dev.luthier.model.llama.LlamaModel;
import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.RmsNorm;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The parts of a decoder, counted. */
final class DecoderWalk implements NetworkWalk.Parts {
  /** Logits that are held at once where a language model is judged, in training and after it. */
  private static final int LOGITS = 1 << 23;

  private final LlamaConfig config;
  private final Parameter words;
  private final List<DecoderLayerWalk> layers = new ArrayList<>();
  private final List<LinearSite> head = new ArrayList<>();
  private final boolean normTrained;
  private final boolean tied;
  private final boolean byRows;
  private final boolean predictsNext;
  private final boolean readsLast;

  /**
   * Looks at a model whose adaptation is applied.
   *
   * @param dropout of low-rank updates
   * @param byRows whether the gradient of a table of words is that of the rows looked up
   */
  DecoderWalk(LlamaModel model, Head kind, double dropout, boolean byRows) {
    this.config = model.decoder().config();
    this.words = model.decoder().words().weight();
    Map<String, LlamaLayer> found = Modules.all(model, LlamaLayer.class);
    found.values().forEach(l -> layers.add(DecoderLayerWalk.of(l, config, dropout)));
    boolean shared = false;
    for (Linear l : NetworkWalk.outside(model, found, Linear.class)) {
      head.add(LinearSite.of(l, dropout));
      shared |= l.weight() == words;
    }
    this.tied = shared;
    this.byRows = byRows && !shared;
    this.normTrained =
        NetworkWalk.outside(model, found, RmsNorm.class).stream().anyMatch(NetworkWalk::trains);
    this.predictsNext = kind instanceof Head.CausalLanguageModel;
    this.readsLast = kind instanceof Head.SequenceClassification;
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
    return layers.get(0).products();
  }

  @Override
  public int layers() {
    return layers.size();
  }

  @Override
  public boolean embeddings(Tape tape, BatchShape batch, boolean training) {
    double values = (double) batch.tokens() * config.width();
    tape.make(values, true);
    // The angles of the positions.
    tape.make((double) batch.tokens() * config.headWidth(), true);
    boolean gradient = training && words.trainable();
    if (gradient) {
      // Where the head shares the table, the sum with the head's.
      tape.gradients(byRows ? values : (tied ? 2 : 1) * (double) words.count());
    }
    return gradient;
  }

  @Override
  public boolean layer(int index, Tape tape, BatchShape batch, boolean input, boolean training) {
    // Frozen states are computed whole, for whatever is above them.
    boolean keepsStates =
        training && !words.trainable() && layers.stream().noneMatch(DecoderLayerWalk::isTrained);
    boolean lasts = readsLast && index == layers.size() - 1 && !keepsStates;
    return layers.get(index).run(tape, batch, input, training, lasts);
  }

  @Override
  public void whole(int index, Tape tape, BatchShape batch) {
    var unused = layers.get(index).run(tape, batch, false, false, false);
  }

  @Override
  public void head(Tape tape, BatchShape batch, boolean input, boolean training) {
    double read = (double) (readsLast ? batch.sequences() : batch.tokens());
    double values = read * config.width();
    boolean trained = training && normTrained;
    DecoderLayerWalk.normed(tape, values, read, input, trained);
    tape.make(values, true);
    if (head.isEmpty()) {
      return;
    }
    boolean gradient = input || trained;
    double rows = (double) (predictsNext ? batch.wanted() : batch.sequences());
    if (predictsNext && head.get(0).rank() == 0) {
      tape.make(rows * config.width(), true);
      portions(tape, head.get(0), rows, gradient, training);
    } else {
      EncoderWalk.head(tape, head, rows, gradient, training);
    }
  }

  /** A head whose logits are made and judged for some rows at a time. */
  private static void portions(
      Tape tape, LinearSite site, double rows, boolean input, boolean training) {
    Products how = site.products();
    double matrix = (double) site.in() * site.out();
    double portion = Math.min(rows, (double) Math.max(1, LOGITS / site.out()));
    double logits = portion * site.out();
    tape.multiply(2 * rows * matrix, (training && input ? 1 : 0) + (site.weight() ? 1 : 0));
    how.rounded(tape, rows * site.in(), training);
    if (!training) {
      how.output(tape, matrix, 0, logits, false, false);
      // Widened, and as logarithms of the probabilities.
      tape.passing(how.share() < 1 ? 2 * logits : logits);
      return;
    }
    if (how == Products.WIDENED) {
      tape.make(matrix + rows * site.in(), true);
    }
    tape.briefly(how == Products.BFLOAT16 ? 2 * logits : logits);
    // The gradients, which are there before the backward pass, and scaled where the loss is.
    double copies = how == Products.FLOAT16 ? 2 : 1;
    tape.make(input ? copies * how.share() * rows * site.in() : 0, true);
    tape.make(site.weight() ? copies * matrix : 0, true);
  }
}
