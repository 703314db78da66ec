package dev.luthier.model.roberta;

import com.google.auto.service.AutoService;
import dev.luthier.model.Architectures;
import dev.luthier.model.CheckpointNames;
import dev.luthier.model.Family;
import dev.luthier.model.Head;
import dev.luthier.model.Model;
import dev.luthier.model.ModelConfig;
import dev.luthier.model.bert.BertConfig;
import dev.luthier.model.bert.BertNames;
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

/** RoBERTa: positions from the padding id + 1, heads with a layer of their own. */
@AutoService(Family.class)
public final class RobertaFamily implements Family {
  @Override
  public Set<String> modelTypes() {
    return Set.of("roberta");
  }

  @Override
  public Architectures architectures() {
    return RobertaNames.ARCHITECTURES;
  }

  @Override
  public CheckpointNames names() {
    return RobertaNames.CHECKPOINT;
  }

  @Override
  public Model build(ModelConfig config, Head head) {
    BertConfig c = BertConfig.of(config, new BertConfig.Presets(50265, 1));
    EncoderSpec spec = c.encoder();
    Encoder encoder = new Encoder(spec, BertNames.ENCODER, new Embeddings(spec));
    return new EncoderModel(RobertaNames.PREFIX, encoder, layers(c, encoder, head));
  }

  private static @Nullable HeadLayers layers(BertConfig c, Encoder encoder, Head head) {
    EncoderSpec spec = c.encoder();
    double dropout = c.classifierDropout();
    if (head instanceof Head.SequenceClassification s) {
      return new FirstTokenHead(
          new FirstTokenHead.Form(
              "classifier.dense", "classifier.out_proj", Activation.TANH, dropout, dropout),
          spec,
          s.labels().size());
    }
    if (head instanceof Head.TokenClassification t) {
      return new TokenHead("classifier", spec, t.labels().size(), dropout);
    }
    if (head instanceof Head.QuestionAnswering) {
      return new TokenHead("qa_outputs", spec, 2, 0);
    }
    if (head instanceof Head.MaskedLanguageModel) {
      return new VocabularyHead(
          new VocabularyHead.Form(
              "lm_head.dense",
              "lm_head.layer_norm",
              "lm_head.bias",
              "lm_head.decoder",
              Activation.GELU),
          spec,
          c.tied() ? encoder.embeddings().words().weight() : null);
    }
    return null;
  }
}
