package dev.luthier.model.vit;

import com.google.auto.service.AutoService;
import dev.luthier.model.Architectures;
import dev.luthier.model.CheckpointNames;
import dev.luthier.model.Family;
import dev.luthier.model.Head;
import dev.luthier.model.Model;
import dev.luthier.model.ModelConfig;
import java.util.Set;

/** ViT: images as sequences of patches; its classes are of the whole image, as of a text. */
@AutoService(Family.class)
public final class VitFamily implements Family {
  @Override
  public Set<String> modelTypes() {
    return Set.of("vit");
  }

  @Override
  public Architectures architectures() {
    return VitNames.ARCHITECTURES;
  }

  @Override
  public CheckpointNames names() {
    return VitNames.CHECKPOINT;
  }

  @Override
  public Integer patch(ModelConfig config) {
    return VitConfig.patch(config);
  }

  @Override
  public Model build(ModelConfig config, Head head) {
    VitConfig c = VitConfig.of(config);
    return new VitModel(
        c, head instanceof Head.SequenceClassification s ? s.labels().size() : null);
  }
}
