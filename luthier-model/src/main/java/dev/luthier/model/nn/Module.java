package dev.luthier.model.nn;

/**
 * A part of a network. It holds parameters and further parts, each under a local name; joined by
 * dots these names are the names in a checkpoint, for instance {@code
 * bert.encoder.layer.0.attention.self.query.weight}.
 */
public interface Module {
  /** Names the direct parts, in the order of the checkpoint. */
  void parts(Parts parts);

  /** Receives the parts of a module. */
  interface Parts {
    /** A parameter of its own. */
    void parameter(String name, Parameter parameter);

    /** A part; its name may hold dots, and may be empty for a part that adds no name. */
    void module(String name, Module module);

    /** What an adaptation has added to this module; not part of the pre-trained checkpoint. */
    void adapter(Module adapter);
  }
}
