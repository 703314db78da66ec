package dev.luthier.train.peft;

import com.google.auto.service.AutoService;
import dev.luthier.model.Pretrained;
import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Modules;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Rng;
import dev.luthier.train.Adaptation;
import dev.luthier.train.Adapted;
import dev.luthier.train.TrainingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Linear probing: only the last linear layer of the head is trained, (d + 1) K numbers for features
 * of width d and K classes; everything below it is frozen. Where a head has more than one layer,
 * the lower ones stay as they are, drawn at random if the head is new. The features are those of a
 * network without dropout, and thus the same in every epoch, unless {@code
 * train.memory.cache-frozen} is off.
 *
 * @see <a href="https://arxiv.org/abs/1610.01644">Alain and Bengio 2016</a>
 */
@Technique(
    id = "linear-probe",
    name = "Linear probing",
    area = Area.ADAPTATION,
    paper = "Alain and Bengio 2016, arXiv:1610.01644")
@AutoService(Adaptation.class)
public record LinearProbe() implements Adaptation {
  @Override
  public Role role() {
    return Role.CHOOSES;
  }

  @Override
  public Adapted apply(Pretrained base, Rng.Key key) {
    Anatomy anatomy = Anatomy.of(base);
    anatomy.requireUnadapted("linear-probe");
    Map.Entry<String, Linear> last =
        anatomy.linears().entrySet().stream()
            .filter(e -> anatomy.inHead(e.getKey()) && !anatomy.isTied(e.getKey()))
            .reduce((a, b) -> b)
            .orElseThrow(
                () ->
                    new TrainingException(
                        "linear-probe: this model has no head with a linear layer of its own;"
                            + " choose a task with one"));
    anatomy.trainOnly(Modules.parameters(last.getValue()).values());
    List<String> lines = new ArrayList<>();
    lines.add("linear probe of " + last.getKey() + ": " + Coverage.trainable(anatomy.root()));
    lines.addAll(FreezeLayers.newButFrozen(anatomy));
    return new InPlace(List.copyOf(lines));
  }
}
