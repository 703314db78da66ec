package dev.luthier.model.bert;

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
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** BERT: segments, positions from 0, a pooler below the classifier of sequences. */
@AutoService(Family.class)
public final class BertFamily implements Family {
  @Override
  public Set<String> modelTypes() {
    return Set.of("bert");
  }

  @Override
  public Architectures architectures() {
    return BertNames.ARCHITECTURES;
  }

  @Override
  public CheckpointNames names() {
    return BertNames.CHECKPOINT;
  }

  @Override
  public Model build(ModelConfig config, Head head) {
    BertConfig c = BertConfig.of(config, new BertConfig.Presets(30522, -1));
    EncoderSpec spec = c.encoder();
    Encoder encoder = new Encoder(spec, BertNames.ENCODER, new Embeddings(spec));
    return new EncoderModel(BertNames.PREFIX, encoder, layers(c, encoder, head));
  }

  private static @Nullable HeadLayers layers(BertConfig c, Encoder encoder, Head head) {
    EncoderSpec spec = c.encoder();
    if (head instanceof Head.SequenceClassification s) {
      return new FirstTokenHead(
          new FirstTokenHead.Form(
              "bert.pooler.dense", "classifier", Activation.TANH, 0, c.classifierDropout()),
          spec,
          s.labels().size());
    }
    if (head instanceof Head.TokenClassification t) {
      return new TokenHead("classifier", spec, t.labels().size(), c.classifierDropout());
    }
    if (head instanceof Head.QuestionAnswering) {
      return new TokenHead("qa_outputs", spec, 2, 0);
    }
    if (head instanceof Head.MaskedLanguageModel) {
      return new VocabularyHead(
          new VocabularyHead.Form(
              "cls.predictions.transform.dense",
              "cls.predictions.transform.LayerNorm",
              "cls.predictions.bias",
              "cls.predictions.decoder",
              spec.activation()),
          spec,
          c.tied() ? encoder.embeddings().words().weight() : null);
    }
    return null;
  }
}
