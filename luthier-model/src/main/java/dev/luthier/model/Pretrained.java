package dev.luthier.model;

import dev.luthier.model.image.ImageProcessor;
import dev.luthier.model.image.Vision;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Stability;
import dev.luthier.model.tokenizer.SpecialToken;
import dev.luthier.model.tokenizer.Tokenizer;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A model with everything that belongs to it: configuration, tokenizer, network. */
public final class Pretrained {
  private ModelConfig config;
  private final @Nullable Tokenizer tokenizer;
  private final Head head;
  private final Model model;
  private final LoadReport report;
  private final Map<String, Tensor> carried;
  private final @Nullable GenerationConfig generation;
  private final @Nullable Vision vision;

  private Pretrained(
      ModelConfig config,
      @Nullable GenerationConfig generation,
      @Nullable Vision vision,
      @Nullable Tokenizer tokenizer,
      Head head,
      Model model,
      Checkpoint.Filled filled) {
    this.config = config;
    this.generation = generation;
    this.vision = vision;
    this.tokenizer = tokenizer;
    this.head = head;
    this.model = model;
    this.report = filled.report();
    this.carried = filled.carried();
  }

  /**
   * Loads a model folder as {@code transformers} writes it: {@code config.json}, {@code
   * model.safetensors} or its shards, and the tokenizer's files. Weights become float32.
   *
   * <p>If the head asked for is the checkpoint's (the same task, the same labels), its weights are
   * loaded too; else it is new, and drawn.
   *
   * @param head what the model is to say, or null for the checkpoint's own head
   * @param newWeights names the draws of what is new
   * @throws ModelException if a tensor has no place or a parameter no tensor, shapes differ, a
   *     value is not finite, or the tokenizer does not fit
   */
  public static Pretrained load(Path folder, @Nullable Head head, Rng.Key newWeights) {
    return load(
        folder, () -> Tokenizer.in(folder) ? Tokenizer.load(folder) : null, head, newWeights);
  }

  /**
   * The same with a tokenizer that is read elsewhere.
   *
   * @param tokens asked for the tokenizer when the weights are there
   */
  public static Pretrained load(
      Path folder, Supplier<@Nullable Tokenizer> tokens, @Nullable Head head, Rng.Key newWeights) {
    ModelConfig read = ModelConfig.read(folder);
    Family family = Family.of(read);
    Head trained = family.architectures().head(read);
    Head wanted = wanted(read, head, trained);
    ModelConfig config = read.withHead(wanted, family.architectures().of(wanted));
    Model model = network(family, config, wanted);
    boolean fresh = head != null && isNew(folder, family, read, trained, wanted, model);
    Checkpoint.Filled filled = Checkpoint.fill(folder, family.names(), model, fresh);
    Modules.drawMissing(model, newWeights);
    Tokenizer tokenizer = tokens.get();
    List<String> notes = new ArrayList<>(headNotes(read, trained, wanted, fresh));
    notes.addAll(TokenizerFit.check(tokenizer, config, model));
    LoadReport report = filled.report().withNotes(notes);
    return new Pretrained(
        config,
        GenerationConfig.read(folder),
        ImageProcessor.in(folder) ? Sight.of(folder) : null,
        tokenizer,
        wanted,
        model,
        new Checkpoint.Filled(report, filled.carried()));
  }

  /** The most tokens that a model of this configuration reads. */
  public static int maxTokens(ModelConfig config) {
    return Family.of(config).build(config, new Head.None()).maxTokens();
  }

  /** The same architecture with weights drawn at random. */
  public static Pretrained random(
      ModelConfig config, @Nullable Tokenizer tokenizer, Head head, Rng.Key key) {
    return random(config, null, tokenizer, head, key);
  }

  /** The same, of a network that sees images. */
  public static Pretrained random(
      ModelConfig config,
      @Nullable Vision vision,
      @Nullable Tokenizer tokenizer,
      Head head,
      Rng.Key key) {
    Family family = Family.of(config);
    ModelConfig own = config.withHead(head, family.architectures().of(head));
    Model model = network(family, own, head);
    List<String> drawn = new ArrayList<>(Modules.parameters(model).keySet());
    Modules.drawMissing(model, key);
    List<String> notes = TokenizerFit.check(tokenizer, own, model);
    LoadReport report = new LoadReport(0, drawn, Map.of(), notes);
    return new Pretrained(
        own, null, vision, tokenizer, head, model, new Checkpoint.Filled(report, Map.of()));
  }

  /**
   * A model of given weights.
   *
   * @param weights a value for each parameter, by its name; copied, as float32
   * @throws ModelException if one is missing, or there is one too many, or one has another shape
   */
  public static Pretrained of(
      ModelConfig config, @Nullable Tokenizer tokenizer, Head head, Map<String, Tensor> weights) {
    Family family = Family.of(config);
    ModelConfig own = config.withHead(head, family.architectures().of(head));
    Model model = network(family, own, head);
    Map<String, Parameter> parameters = Modules.parameters(model);
    if (!parameters.keySet().equals(weights.keySet())) {
      Set<String> odd = new TreeSet<>(parameters.keySet());
      odd.removeAll(weights.keySet());
      Set<String> others = new TreeSet<>(weights.keySet());
      others.removeAll(parameters.keySet());
      throw new ModelException(
          config.where() + ": weights are missing: " + odd + ", and without a place: " + others);
    }
    parameters.forEach(
        (name, p) -> {
          Tensor value = weights.get(name);
          if (value == null || !Arrays.equals(value.shape(), p.shape())) {
            throw new ModelException(config.where() + ": the weight '" + name + "' does not fit");
          }
          p.set(value, DType.F32);
        });
    List<String> notes = TokenizerFit.check(tokenizer, own, model);
    LoadReport report = new LoadReport(weights.size(), List.of(), Map.of(), notes);
    return new Pretrained(
        own, null, null, tokenizer, head, model, new Checkpoint.Filled(report, Map.of()));
  }

  /**
   * The same encoder under another head: the encoder's weights are copied, the head's drawn. A part
   * of the encoder that the other head alone uses (a pooler) is drawn too where this model lacks
   * it.
   */
  public Pretrained withHead(Head other, Rng.Key key) {
    Family family = Family.of(config);
    ModelConfig changed = config.withHead(other, family.architectures().of(other));
    Model rebuilt = network(family, changed, other);
    LoadReport copied = Rebuild.copy(family.names(), model, carried, rebuilt);
    Modules.drawMissing(rebuilt, key);
    return new Pretrained(
        changed,
        generation,
        vision,
        tokenizer,
        other,
        rebuilt,
        new Checkpoint.Filled(copied, Map.of()));
  }

  /**
   * The same model with a table of words of another length, and a head over words likewise: the
   * first rows are those of this model, and what is beyond them is drawn as in a new model. The
   * tokenizer stays as it is.
   *
   * @param rows how many token ids the network then knows
   * @param key names the draws of new rows
   * @throws ModelException if the tokenizer, or an id in the configuration, needs more rows, or the
   *     model carries an adapter
   */
  public Pretrained resizeEmbeddings(int rows, Rng.Key key) {
    ModelConfig changed = Resize.config(config, tokenizer, rows);
    Model other = network(Family.of(changed), changed, head);
    Resize.copy(model, other, key);
    LoadReport grown =
        report.withNotes(
            List.of(
                "the table of words has %d rows, %d before".formatted(rows, model.vocabulary())));
    return new Pretrained(
        changed, generation, vision, tokenizer, head, other, new Checkpoint.Filled(grown, carried));
  }

  /** The network of a configuration, its parameters declared but without values. */
  private static Model network(Family family, ModelConfig config, Head head) {
    Stability stability = StabilityKeys.read(config);
    Model model = family.build(config, head);
    if (!stability.isNone()) {
      model.stabilize(stability);
    }
    return model;
  }

  /**
   * Puts norms and caps into the layers of this model, which then computes something else, and says
   * so in its configuration. New norms begin with scales of one. A model that has them already
   * stays as it is.
   *
   * @throws ModelException if the layers have no place for what is asked, or have something else
   *     already
   */
  public void stabilize(Stability how, Rng.Key key) {
    Stability already = StabilityKeys.read(config);
    ModelConfig changed = how.isNone() ? config : StabilityKeys.write(config, how);
    if (changed.equals(config)) {
      return;
    }
    if (!already.isNone()) {
      throw new ModelException(
          config.where()
              + ": the layers are of the kind "
              + already.words()
              + " already, and cannot become "
              + how.words()
              + "; take the model that it was made of");
    }
    model.stabilize(how);
    Modules.drawMissing(model, key);
    config = changed;
  }

  private static Head wanted(ModelConfig read, @Nullable Head asked, @Nullable Head trained) {
    if (asked != null) {
      return asked;
    }
    if (trained == null) {
      throw read.error("architectures", "is missing, so name the head you want");
    }
    return trained;
  }

  private static boolean isNew(
      Path folder,
      Family family,
      ModelConfig read,
      @Nullable Head trained,
      Head wanted,
      Model model) {
    if (wanted instanceof Head.None) {
      return true;
    }
    if (trained == null) {
      boolean labels = wanted.labels().isEmpty() || wanted.labels().equals(read.labels());
      return !labels || !Checkpoint.holdsHead(folder, family.names(), model);
    }
    return !trained.equals(wanted) && !differOnlyInUnsaidKind(read, trained, wanted);
  }

  /** An old file does not say how its labels relate; the wish then decides. */
  private static boolean differOnlyInUnsaidKind(ModelConfig read, Head trained, Head wanted) {
    return !read.has("problem_type")
        && trained instanceof Head.SequenceClassification a
        && wanted instanceof Head.SequenceClassification b
        && a.labels().equals(b.labels());
  }

  private static List<String> headNotes(
      ModelConfig read, @Nullable Head trained, Head wanted, boolean fresh) {
    if (!fresh || wanted instanceof Head.None) {
      return List.of();
    }
    if (trained != null && trained.getClass() == wanted.getClass()) {
      return List.of(
          "the checkpoint's "
              + wanted.task()
              + " head was replaced by a new one: "
              + "its labels were "
              + shortened(read.labels()));
    }
    return List.of("the " + wanted.task() + " head is new");
  }

  private static String shortened(List<String> labels) {
    return labels.size() <= 6
        ? labels.toString()
        : labels.subList(0, 5) + " and " + (labels.size() - 5) + " more";
  }

  /**
   * Writes a folder that this and {@code transformers} load to the same model. The folder appears
   * whole; in one that exists, files are replaced one by one.
   *
   * @param type of the weights: F32, F16 or BF16
   * @throws ModelException if it cannot be written
   */
  public void save(Path folder, DType type) {
    ModelWriter.save(this, folder, type);
  }

  /** The configuration, for this head. */
  public ModelConfig config() {
    return config;
  }

  /**
   * The tokenizer.
   *
   * @throws ModelException if the folder has none
   */
  public Tokenizer tokenizer() {
    if (tokenizer == null) {
      throw new ModelException(
          config.where()
              + ": there is no tokenizer beside it; put the model's tokenizer.json (or vocab.txt)"
              + " into the folder");
    }
    return tokenizer;
  }

  /** The tokenizer, or null if the folder has none. */
  public @Nullable Tokenizer tokenizerOrNull() {
    return tokenizer;
  }

  /** How the model sees images, or null if it reads texts, or nobody says. */
  public @Nullable Vision vision() {
    return vision;
  }

  /**
   * The ids that end a text: as generation_config.json says, else config.json, else the tokenizer;
   * none if nobody says.
   *
   * @throws ModelException if a file names something else than ids
   */
  public List<Integer> ends() {
    List<Integer> given = generation == null ? List.of() : generation.ends();
    if (given.isEmpty()) {
      given = config.ids("eos_token_id");
    }
    Integer own = tokenizer == null ? null : tokenizer.id(SpecialToken.EOS);
    return given.isEmpty() && own != null ? List.of(own) : List.copyOf(given);
  }

  /** What generation_config.json says, for a model that writes; null if there is none. */
  @Nullable GenerationConfig generation() {
    boolean writes =
        head instanceof Head.CausalLanguageModel || head instanceof Head.SequenceToSequence;
    return writes ? generation : null;
  }

  /** What the model says about its input. */
  public Head head() {
    return head;
  }

  /** The network. */
  public Model model() {
    return model;
  }

  /** What saving writes beside the network's own parameters, by its name in the file. */
  Map<String, Tensor> carried() {
    CheckpointNames names = Family.of(config).names();
    Map<String, Tensor> out = new TreeMap<>();
    carried.forEach((name, value) -> out.put(name.substring(names.prefix().length() + 1), value));
    return out;
  }

  /** What became of the checkpoint's tensors. */
  public LoadReport report() {
    return report;
  }
}
