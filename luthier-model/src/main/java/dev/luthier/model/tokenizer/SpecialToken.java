package dev.luthier.model.tokenizer;

import java.util.List;

/** The parts that tokens outside the text play. */
public enum SpecialToken {
  /** Begins a text of a decoder. */
  BOS("bos_token", "<s>"),
  /** Ends a text of a decoder. */
  EOS("eos_token", "</s>"),
  /** Stands for what is not in the vocabulary. */
  UNK("unk_token", "[UNK]", "<unk>"),
  /** Ends a text, or parts two texts. */
  SEP("sep_token", "[SEP]", "</s>"),
  /** Fills up a batch. */
  PAD("pad_token", "[PAD]", "<pad>"),
  /** Begins a text; classifiers read it. */
  CLS("cls_token", "[CLS]", "<s>"),
  /** Hides a word. */
  MASK("mask_token", "[MASK]", "<mask>");

  private final String key;

  @SuppressWarnings("ImmutableEnumChecker") // Made by List.of.
  private final List<String> usual;

  SpecialToken(String key, String... usual) {
    this.key = key;
    this.usual = List.of(usual);
  }

  /** The key in tokenizer_config.json. */
  public String key() {
    return key;
  }

  /** What it is usually called, for tokenizers that do not say. */
  List<String> usual() {
    return usual;
  }
}
