package dev.luthier.model.t5;

import com.google.auto.service.AutoService;
import dev.luthier.model.Architectures;
import dev.luthier.model.CheckpointNames;
import dev.luthier.model.Family;
import dev.luthier.model.Head;
import dev.luthier.model.Model;
import dev.luthier.model.ModelConfig;
import dev.luthier.model.ModelException;
import java.util.Set;

/** T5: an encoder and a decoder, with a head that writes a target. */
@AutoService(Family.class)
public final class T5Family implements Family {
  @Override
  public Set<String> modelTypes() {
    return Set.of("t5");
  }

  @Override
  public Architectures architectures() {
    return T5Names.ARCHITECTURES;
  }

  @Override
  public CheckpointNames names() {
    return T5Names.CHECKPOINT;
  }

  @Override
  public Model build(ModelConfig config, Head head) {
    boolean writes = head instanceof Head.SequenceToSequence;
    if (!writes && !(head instanceof Head.None)) {
      throw new ModelException("T5 has no head for the task '" + head.task() + "'");
    }
    return new T5Model(T5Config.of(config), writes);
  }
}
