package dev.luthier.model.llama;

import com.google.auto.service.AutoService;
import dev.luthier.model.Architectures;
import dev.luthier.model.CheckpointNames;
import dev.luthier.model.Family;
import dev.luthier.model.Head;
import dev.luthier.model.Model;
import dev.luthier.model.ModelConfig;
import dev.luthier.model.ModelException;
import dev.luthier.model.encoder.HeadLayers;
import dev.luthier.model.encoder.TokenHead;
import dev.luthier.model.nn.Init;
import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Parameter;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Llama: a decoder with heads that predict the next token, or classify texts or tokens. */
@AutoService(Family.class)
public final class LlamaFamily implements Family {
  @Override
  public Set<String> modelTypes() {
    return Set.of("llama");
  }

  @Override
  public Architectures architectures() {
    return LlamaNames.ARCHITECTURES;
  }

  @Override
  public CheckpointNames names() {
    return LlamaNames.CHECKPOINT;
  }

  @Override
  public Model build(ModelConfig config, Head head) {
    LlamaConfig c = LlamaConfig.of(config);
    LlamaDecoder decoder = new LlamaDecoder(c);
    return new LlamaModel(
        decoder, layers(c, decoder, head), head instanceof Head.CausalLanguageModel);
  }

  private static @Nullable HeadLayers layers(LlamaConfig c, LlamaDecoder decoder, Head head) {
    if (head instanceof Head.None) {
      return null;
    }
    if (head instanceof Head.CausalLanguageModel) {
      Parameter words = c.tied() ? decoder.words().weight() : drawn(c, c.vocabulary());
      return new TokenHead(LlamaNames.LANGUAGE_HEAD, new Linear(words, null), 0);
    }
    if (head instanceof Head.SequenceClassification s) {
      Linear linear = new Linear(drawn(c, s.labels().size()), null);
      return new LastTokenHead(LlamaNames.CLASSIFIER, linear, c.padding());
    }
    if (head instanceof Head.TokenClassification t) {
      Linear linear = Linear.of(c.width(), t.labels().size(), c.deviation());
      return new TokenHead(LlamaNames.CLASSIFIER, linear, c.classifierDropout());
    }
    throw new ModelException("Llama has no head for the task '" + head.task() + "'");
  }

  private static Parameter drawn(LlamaConfig c, int rows) {
    return new Parameter(Init.normal(c.deviation()), rows, c.width());
  }
}
