package dev.luthier.model.distilbert;

import com.google.auto.service.AutoService;
import dev.luthier.model.Architectures;
import dev.luthier.model.CheckpointNames;
import dev.luthier.model.Family;
import dev.luthier.model.Head;
import dev.luthier.model.Model;
import dev.luthier.model.ModelConfig;
import dev.luthier.model.encoder.Embeddings;
import dev.luthier.model.encoder.Encoder;
import dev.luthier.model.encoder.EncoderModel;
import dev.luthier.model.encoder.EncoderSpec;
import dev.luthier.model.encoder.FirstTokenHead;
import dev.luthier.model.encoder.HeadLayers;
import dev.luthier.model.encoder.TokenHead;
import dev.luthier.model.encoder.VocabularyHead;
import dev.luthier.model.nn.Activation;
import dev.luthier.model.nn.Embedding;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** DistilBERT: no segments, no pooler, positions learned or sinusoidal. */
@AutoService(Family.class)
public final class DistilBertFamily implements Family {
  @Override
  public Set<String> modelTypes() {
    return Set.of("distilbert");
  }

  @Override
  public Architectures architectures() {
    return DistilBertNames.ARCHITECTURES;
  }

  @Override
  public CheckpointNames names() {
    return DistilBertNames.CHECKPOINT;
  }

  @Override
  public Model build(ModelConfig config, Head head) {
    DistilBertConfig c = DistilBertConfig.of(config);
    EncoderSpec spec = c.encoder();
    Embedding positions =
        c.sinusoidal()
            ? Embedding.sinusoidal(spec.positions(), spec.width())
            : new Embedding(spec.positions(), spec.width(), spec.deviation());
    Encoder encoder = new Encoder(spec, DistilBertNames.ENCODER, new Embeddings(spec, positions));
    return new EncoderModel(DistilBertNames.PREFIX, encoder, layers(c, encoder, head));
  }

  private static @Nullable HeadLayers layers(DistilBertConfig c, Encoder encoder, Head head) {
    EncoderSpec spec = c.encoder();
    if (head instanceof Head.SequenceClassification s) {
      return new FirstTokenHead(
          new FirstTokenHead.Form(
              "pre_classifier", "classifier", Activation.RELU, 0, c.classifierDropout()),
          spec,
          s.labels().size());
    }
    if (head instanceof Head.TokenClassification t) {
      return new TokenHead("classifier", spec, t.labels().size(), spec.dropout());
    }
    if (head instanceof Head.QuestionAnswering) {
      return new TokenHead("qa_outputs", spec, 2, c.answerDropout());
    }
    if (head instanceof Head.MaskedLanguageModel) {
      return new VocabularyHead(
          new VocabularyHead.Form(
              "vocab_transform", "vocab_layer_norm", null, "vocab_projector", spec.activation()),
          spec,
          c.tied() ? encoder.embeddings().words().weight() : null);
    }
    return null;
  }
}
