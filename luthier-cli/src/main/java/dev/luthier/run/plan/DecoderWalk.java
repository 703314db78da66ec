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
    if (predictsNext) {
      LanguageHeadWalk.run(tape, head, (double) batch.wanted(), gradient, training);
    } else {
      EncoderWalk.head(tape, head, (double) batch.sequences(), gradient, training);
    }
  }
}
