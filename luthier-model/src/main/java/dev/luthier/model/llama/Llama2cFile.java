package dev.luthier.model.llama;

import dev.luthier.model.Head;
import dev.luthier.model.ModelConfig;
import dev.luthier.model.ModelException;
import dev.luthier.model.Pretrained;
import dev.luthier.model.tokenizer.Llama2cVocabulary;
import dev.luthier.model.tokenizer.Tokenizer;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The model files of Karpathy's llama2.c, version 0: seven int32 numbers, then float32 weights
 * without names, all little-endian. Saving what was read gives a folder in the layout of Hugging
 * Face.
 *
 * <pre>
 *   width, inner width, layers, heads, groups, vocabulary (negative: an own head), longest text
 *   words, attention norms, W_q, W_k, W_v, W_o, feed-forward norms, W_gate, W_down, W_up,
 *   last norm, two tables of angles, own head if there is one
 * </pre>
 *
 * <p>Each group of weights holds those of all layers. Neighbouring dimensions of a head turn
 * together there; rows of W_q and W_k are put into the order in which halves do.
 */
public final class Llama2cFile {
  private static final int HEADER = 28;
  private static final int LIMIT = 1 << 20;

  private final Path file;
  private final FileChannel in;
  private final int[] sizes;
  private final Map<String, Tensor> weights = new HashMap<>();
  private long at = HEADER;

  private Llama2cFile(Path file, FileChannel in) throws IOException {
    this.file = file;
    this.in = in;
    ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
    if (in.read(header, 0) < HEADER) {
      throw damaged("it is too short");
    }
    this.sizes = new int[7];
    header.flip().asIntBuffer().get(sizes);
    requireSizes();
  }

  /**
   * Reads a model.
   *
   * @param tokenizer the vocabulary file that belongs to it, or null
   * @throws ModelException if a file cannot be read, is damaged, or of another version, or the two
   *     do not belong together
   */
  public static Pretrained read(Path model, @Nullable Path tokenizer) {
    try (FileChannel in = FileChannel.open(model);
        Scope scope = Scope.open()) {
      Llama2cFile file = new Llama2cFile(model, in);
      file.readWeights();
      Tokenizer own = tokenizer == null ? null : Llama2cVocabulary.read(tokenizer, file.longest());
      return Pretrained.of(file.config(), own, new Head.CausalLanguageModel(), file.weights);
    } catch (IOException e) {
      throw new ModelException(model + ": cannot be read: " + e, e);
    }
  }

  // ---- sizes ----

  private int width() {
    return sizes[0];
  }

  private int inner() {
    return sizes[1];
  }

  private int layers() {
    return sizes[2];
  }

  private int heads() {
    return sizes[3];
  }

  private int groups() {
    return sizes[4];
  }

  private int vocabulary() {
    return Math.abs(sizes[5]);
  }

  private boolean tied() {
    return sizes[5] > 0;
  }

  private int longest() {
    return sizes[6];
  }

  private int headWidth() {
    return width() / heads();
  }

  private void requireSizes() throws IOException {
    for (int size :
        new int[] {width(), inner(), layers(), heads(), groups(), vocabulary(), longest()}) {
      if (size < 1 || size > LIMIT) {
        throw damaged("it says that a size is " + size);
      }
    }
    if (width() % heads() != 0 || heads() % groups() != 0 || headWidth() % 2 != 0) {
      throw damaged(
          "it says that " + heads() + " heads in " + groups() + " groups make " + width());
    }
    long wanted = HEADER + 4 * elements();
    if (in.size() != wanted) {
      throw damaged("its sizes ask for " + wanted + " bytes, but it has " + in.size());
    }
  }

  private long elements() {
    long w = width();
    long keys = (long) groups() * headWidth();
    long layer = 2 * w + 2 * w * w + 2 * w * keys + 3 * w * inner();
    long tables = (long) longest() * headWidth();
    return vocabulary() * w * (tied() ? 1 : 2) + layers() * layer + w + tables;
  }

  // ---- weights ----

  private void readWeights() throws IOException {
    int keys = groups() * headWidth();
    String prefix = LlamaNames.PREFIX + ".";
    weights.put(prefix + LlamaNames.WORDS + ".weight", matrix(vocabulary(), width()));
    layered(LlamaNames.ATTENTION_NORM, 0, width());
    layered(LlamaNames.QUERY, width(), width());
    layered(LlamaNames.KEY, keys, width());
    layered(LlamaNames.VALUE, keys, width());
    layered(LlamaNames.MIXED, width(), width());
    layered(LlamaNames.FEED_FORWARD_NORM, 0, width());
    layered(LlamaNames.GATE, inner(), width());
    layered(LlamaNames.DOWN, width(), inner());
    layered(LlamaNames.UP, inner(), width());
    weights.put(prefix + LlamaNames.LAST_NORM + ".weight", vector(width()));
    at += 4L * longest() * headWidth();
    if (!tied()) {
      weights.put(LlamaNames.LANGUAGE_HEAD + ".weight", matrix(vocabulary(), width()));
    }
  }

  /** A matrix of each layer; a vector, if it has no rows. */
  private void layered(String name, int rows, int columns) throws IOException {
    boolean turns = name.equals(LlamaNames.QUERY) || name.equals(LlamaNames.KEY);
    for (int i = 0; i < layers(); i++) {
      Tensor value = rows == 0 ? vector(columns) : matrix(rows, columns);
      String layer = LlamaNames.PREFIX + "." + LlamaNames.LAYERS + "." + i + ".";
      weights.put(layer + name + ".weight", turns ? halved(value) : value);
    }
  }

  /** Rows of a head from pairs of neighbours to halves that belong together. */
  private Tensor halved(Tensor w) {
    long heads = w.size(0) / headWidth();
    return w.view(heads, headWidth() / 2, 2, w.size(1))
        .transpose(1, 2)
        .reshape(w.size(0), w.size(1));
  }

  private Tensor matrix(int rows, int columns) throws IOException {
    return vector(Math.multiplyExact(rows, columns)).view(rows, columns);
  }

  private Tensor vector(int count) throws IOException {
    float[] values = new float[count];
    in.map(FileChannel.MapMode.READ_ONLY, at, 4L * count)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(values);
    at += 4L * count;
    Tensor read = Tensor.of(values, count);
    if (!read.isFinite()) {
      throw damaged("it holds NaN or infinite values");
    }
    return read;
  }

  private ModelConfig config() {
    return ModelConfig.parse(
        """
        {"model_type": "llama", "hidden_size": %d, "intermediate_size": %d,
         "num_hidden_layers": %d, "num_attention_heads": %d, "num_key_value_heads": %d,
         "vocab_size": %d, "max_position_embeddings": %d, "tie_word_embeddings": %b,
         "rms_norm_eps": 1e-05, "rope_theta": 10000.0, "hidden_act": "silu",
         "bos_token_id": 1, "eos_token_id": 2}
        """
            .formatted(
                width(), inner(), layers(), heads(), groups(), vocabulary(), longest(), tied()));
  }

  private ModelException damaged(String problem) {
    return new ModelException(
        file + ": is damaged, or no model of llama2.c: " + problem + "; fetch it again");
  }
}
