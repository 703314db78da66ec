package dev.luthier.model.nn;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One pass through a network: whether it trains, and the key of its random draws. A draw is a
 * function of the pass's key, the place in the network and the example, so that it is the same
 * however the batch is split, and again after a resume.
 *
 * @param training whether dropout is on
 * @param key names the pass: seed, step, and which of several passes of the step
 * @param embedding what becomes of the rows of the word table before anything else sees them; null
 *     leaves them as they are
 * @param substitution what linear layers multiply in place of their weights; null leaves them
 * @param dropping the probability of dropout in every place that has one, whatever the network
 *     says; null leaves it to the network
 * @param observer sees what layers give, or null
 */
public record Pass(
    boolean training,
    Rng.Key key,
    @Nullable Perturbation embedding,
    @Nullable Substitution substitution,
    @Nullable Double dropping,
    @Nullable Observer observer) {
  /** A pass without randomness. */
  public static final Pass EVALUATION = new Pass(false, Rng.Key.of(0), null, null, null, null);

  /** Changes the embeddings of words: noise, or a step against the model. */
  @FunctionalInterface
  public interface Perturbation {
    /**
     * Gives the changed rows.
     *
     * @param words {@code [tokens, width]}
     * @param segments which sequence each token belongs to
     * @return {@code [tokens, width]}
     */
    Tensor apply(Tensor words, Segments segments);
  }

  /** Gives the weights that linear layers multiply in place of their own. */
  @FunctionalInterface
  public interface Substitution {
    /**
     * Gives the weight, a function of the parameter's value alone and of the key: a layer that is
     * run again must get the same.
     *
     * @param weight of the layer, {@code [out, in]}
     * @param key names the draws of this layer in this pass
     * @return {@code [out, in]}
     */
    Tensor apply(Parameter weight, Rng.Key key);
  }

  /** Sees what layers give. It must change nothing, and keep nothing that it does not copy. */
  public interface Observer {
    /**
     * A linear layer is about to multiply.
     *
     * @param x its input {@code [n, in]}
     */
    default void multiplies(Linear layer, Tensor x) {}

    /**
     * A linear layer has multiplied.
     *
     * @param y its output {@code [n, out]}
     */
    void multiplied(Linear layer, Tensor y);

    /**
     * An activation function has been applied.
     *
     * @param layer whose output it was applied to
     * @param a its output {@code [n, out]}
     */
    void activated(Linear layer, Tensor a);
  }

  /** A training pass. */
  public static Pass training(Rng.Key key) {
    return new Pass(true, key, null, null, null, null);
  }

  /** The same pass without dropout. */
  public Pass evaluating() {
    return new Pass(false, key, embedding, substitution, dropping, observer);
  }

  /** The same pass with embeddings changed on top of what changes them already. */
  public Pass perturbing(Perturbation change) {
    Perturbation first = embedding;
    Perturbation both =
        first == null
            ? change
            : (words, segments) -> change.apply(first.apply(words, segments), segments);
    return new Pass(training, key, both, substitution, dropping, observer);
  }

  /** The same pass with other weights in linear layers. */
  public Pass substituting(Substitution change) {
    return new Pass(training, key, embedding, change, dropping, observer);
  }

  /**
   * The same pass with another probability of dropout.
   *
   * @param p in [0, 1)
   */
  public Pass dropping(double p) {
    return new Pass(training, key, embedding, substitution, p, observer);
  }

  /** The same pass, observed. */
  public Pass observing(Observer by) {
    return new Pass(training, key, embedding, substitution, dropping, by);
  }

  /** Shows the input of a linear layer to the observer. */
  void multiplies(Linear layer, Tensor x) {
    if (observer != null) {
      observer.multiplies(layer, x);
    }
  }

  /** Shows the output of a linear layer to the observer. */
  Tensor multiplied(Linear layer, Tensor y) {
    if (observer != null) {
      observer.multiplied(layer, y);
    }
    return y;
  }

  /**
   * Shows the output of an activation function to the observer.
   *
   * @param layer whose output it was applied to
   * @param a {@code [n, out]}
   * @return a
   */
  public Tensor activated(Linear layer, Tensor a) {
    if (observer != null) {
      observer.activated(layer, a);
    }
    return a;
  }

  /** The rows of the word table as this pass has them. */
  public Tensor embedded(Tensor words, Segments segments) {
    return embedding == null ? words : embedding.apply(words, segments);
  }

  /** The draws of one place in the network. */
  public Pass at(String place) {
    return training
        ? new Pass(true, key.with(place), embedding, substitution, dropping, observer)
        : this;
  }

  /** The draws of one layer. */
  public Pass at(int layer) {
    return training
        ? new Pass(true, key.with(layer), embedding, substitution, dropping, observer)
        : this;
  }

  /** Whether dropout of this probability changes anything in this pass. */
  public boolean drops(double p) {
    return training && probability(p) > 0;
  }

  private double probability(double own) {
    return dropping == null ? own : dropping;
  }

  /**
   * Inverted dropout (Srivastava et al. 2014).
   *
   * @param x {@code [tokens, width]}, or {@code [sequences, width]}
   */
  public Tensor dropout(Tensor x, double p, String place, Segments segments) {
    return drops(p) ? x.mul(multiplier(x, p, place, segments)).to(x.dtype()) : x;
  }

  /**
   * residual + dropout(x). It may take the place of x, which nobody else may need: so its backward
   * pass is one product, where the engine's joint operation takes two and memory for both.
   */
  public Tensor addDropped(Tensor residual, Tensor x, double p, String place, Segments segments) {
    if (!drops(p)) {
      return residual.add(x);
    }
    Tensor multiplier = multiplier(x, p, place, segments);
    return x.dtype() == residual.dtype() && x.dtype() != DType.BF16
        ? x.mulInPlace(multiplier).addInPlace(residual)
        : residual.addcmul(x, multiplier);
  }

  private Tensor multiplier(Tensor x, double p, String place, Segments segments) {
    int n = segments.count();
    boolean tokens = x.size(0) == segments.total();
    Rng.Key here = key.with(place);
    Rng.Key[] keys = new Rng.Key[n];
    int[] rows = new int[n];
    for (int i = 0; i < n; i++) {
      keys[i] = here.with(segments.row(i));
      rows[i] = tokens ? segments.length(i) : 1;
    }
    return cast(Rng.dropout(keys, rows, (int) x.size(1), probability(p)), x);
  }

  /**
   * Dropout on the attention probabilities of one block of equally long sequences.
   *
   * @param probabilities {@code [..., length]}, the rows of each sequence one after the other
   */
  Tensor dropAttention(Tensor probabilities, double p, Segments segments, Segments.Run run) {
    if (!drops(p)) {
      return probabilities;
    }
    Rng.Key here = key.with("attention");
    long each = probabilities.count() / run.length() / run.count();
    Rng.Key[] keys = new Rng.Key[run.count()];
    int[] rows = new int[run.count()];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = here.with(segments.row(run.segment() + i));
      rows[i] = Math.toIntExact(each);
    }
    Tensor m = Rng.dropout(keys, rows, run.length(), probability(p));
    return probabilities
        .mul(cast(m, probabilities).view(probabilities.shape()))
        .to(probabilities.dtype());
  }

  /** In bfloat16 the multiplier itself would be off by up to 1/512, always to the same side. */
  private static Tensor cast(Tensor multiplier, Tensor like) {
    DType type = like.dtype() == DType.BF16 ? DType.F32 : like.dtype();
    return multiplier.to(type).to(like.device());
  }
}
