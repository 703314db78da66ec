package dev.luthier.model.generate;

import dev.luthier.model.Decoder;
import dev.luthier.model.Head;
import dev.luthier.model.ModelException;
import dev.luthier.model.Pretrained;
import dev.luthier.model.Tokens;
import dev.luthier.model.nn.Segments;
import dev.luthier.model.tokenizer.ClosedText;
import dev.luthier.model.tokenizer.Encoding;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Lets a model of the next token write on. What was read is kept and not read again; that takes
 * memory for each prompt's length and what may be written on it, until the call returns.
 */
public final class Generator {
  private final Pretrained model;
  private final Decoder decoder;
  private final Set<Integer> ends;

  /**
   * A generator of a model, adapted or not.
   *
   * @throws ModelException if it has no head for the next token
   */
  public Generator(Pretrained model) {
    boolean writes = model.head() instanceof Head.CausalLanguageModel || writesTargets(model);
    if (!writes || !(model.model() instanceof Decoder d)) {
      throw new ModelException(
          model.config().where()
              + ": a model with the head "
              + model.head().task()
              + " cannot write on; load it with the head causal-language-model, or an"
              + " encoder-decoder with sequence-to-sequence");
    }
    this.model = model;
    this.decoder = d;
    this.ends = Set.copyOf(model.ends());
  }

  private static boolean writesTargets(Pretrained model) {
    return model.head() instanceof Head.SequenceToSequence;
  }

  /**
   * The tokens of a prompt: as the tokenizer gives them, without what it adds at a text's end. Of
   * an encoder-decoder the prompt is the source, which ends with the end-of-text token.
   *
   * @throws ModelException if the model has no tokenizer
   */
  public int[] prompt(String text) {
    if (writesTargets(model)) {
      return new ClosedText(model.tokenizer()).encode(text).ids();
    }
    Encoding encoding = model.tokenizer().encode(text);
    int length = encoding.length();
    while (length > 0
        && encoding.special()[length - 1]
        && ends.contains(encoding.ids()[length - 1])) {
      length--;
    }
    return IntStream.of(encoding.ids()).limit(length).toArray();
  }

  /** Writes on one text. */
  public Generated generate(String prompt, Generation how, Rng.Key key) {
    return generate(List.of(prompt(prompt)), how, key).get(0);
  }

  /**
   * Writes on each prompt, all at once.
   *
   * @param prompts token ids
   * @param key names the draws; those of a prompt depend on its place in the list, not on the
   *     others
   * @throws ModelException if a prompt is empty or leaves no room in the longest text the model was
   *     made for, or a stop is wanted but there is no tokenizer
   */
  public List<Generated> generate(List<int[]> prompts, Generation how, Rng.Key key) {
    if (!how.stops().isEmpty()) {
      var unused = model.tokenizer();
    }
    try (Scope scope = Scope.open();
        Autograd.Guard off = Autograd.noGrad()) {
      List<Continued> all = new ArrayList<>();
      for (int i = 0; i < prompts.size(); i++) {
        all.add(begun(prompts.get(i), i, how, key.with(i)));
      }
      List<Continued> open = new ArrayList<>(all);
      while (!open.isEmpty()) {
        step(open);
        open.removeIf(Continued::closedIfEnded);
      }
      return all.stream().map(Continued::result).toList();
    }
  }

  private Continued begun(int[] prompt, int index, Generation how, Rng.Key key) {
    int most = model.model().maxTokens();
    if (prompt.length == 0 || prompt.length >= most) {
      throw new ModelException(
          "prompt "
              + index
              + (prompt.length == 0
                  ? " has no tokens; give it at least the token that begins a text"
                  : " has "
                      + prompt.length
                      + " tokens, but this model was made for texts of at most "
                      + most
                      + ", what it writes included; shorten it"));
    }
    int room = (int) Math.min(most, (long) prompt.length + how.maxTokens());
    return new Continued(model, ends, how, key, prompt, decoder.room(prompt.length, room), room);
  }

  /** One more token for each. */
  private void step(List<Continued> open) {
    int[] lengths = open.stream().mapToInt(c -> c.unread().length).toArray();
    int[] ids = open.stream().flatMapToInt(c -> IntStream.of(c.unread())).toArray();
    long[] rows = IntStream.range(0, open.size()).asLongStream().toArray();
    Tokens tokens = new Tokens(Tensor.of(ids), new Segments(lengths, rows));
    try (Scope scope = Scope.open()) {
      Tensor logits = decoder.readOn(tokens, open.stream().map(Continued::past).toList());
      for (int i = 0; i < open.size(); i++) {
        open.get(i).choose(logits.select(0, i).toFloats());
      }
    }
  }
}
