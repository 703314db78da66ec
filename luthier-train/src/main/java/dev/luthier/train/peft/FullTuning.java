package dev.luthier.train.peft;

import com.google.auto.service.AutoService;
import dev.luthier.model.Pretrained;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Rng;
import dev.luthier.train.Adaptation;
import dev.luthier.train.Adapted;
import java.util.List;

/** Full fine-tuning: every parameter is trained. */
@Technique(
    id = "full-ft",
    key = "full",
    name = "Full fine-tuning",
    area = Area.ADAPTATION,
    paper = "Devlin et al. 2018, arXiv:1810.04805, section 3.2")
@AutoService(Adaptation.class)
public record FullTuning() implements Adaptation {
  @Override
  public Role role() {
    return Role.CHOOSES;
  }

  @Override
  public Adapted apply(Pretrained base, Rng.Key key) {
    Anatomy anatomy = Anatomy.of(base);
    anatomy.requireUnadapted("full");
    anatomy.trainOnly(anatomy.parameters().values());
    return new InPlace(List.of("full fine-tuning: " + Coverage.trainable(anatomy.root())));
  }
}
