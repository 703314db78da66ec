package dev.luthier.model.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A pre-trained tokenizer. Ids and offsets are those of the Hugging Face library; padding and
 * truncation that tokenizer.json may ask for are off, since batches here are ragged and the length
 * is the caller's to choose. Instances may be shared by threads.
 */
public final class Tokenizer {
  private final TokenizerFiles files;
  private final NativeTokenizer library;
  private final Vocabulary vocabulary;
  private final Map<SpecialToken, String> special = new EnumMap<>(SpecialToken.class);
  private final int maxTokens;
  private final List<String> warnings = new ArrayList<>();

  private Tokenizer(TokenizerFiles files) {
    this.files = files;
    ObjectNode json = TokenizerFiles.object(files.json(), files.where());
    this.vocabulary = new Vocabulary(json, files.where());
    this.library = NativeTokenizer.of(files.json(), files.where());
    for (SpecialToken token : SpecialToken.values()) {
      String text = specialText(token);
      if (text != null) {
        special.put(token, text);
      }
    }
    ObjectNode settings = files.settings();
    this.maxTokens = maxTokens(settings.path("model_max_length"));
    warnAboutCase(settings, json);
  }

  // ---- making ----

  /** Whether a folder holds the files of a tokenizer. */
  public static boolean in(Path folder) {
    return TokenizerFiles.in(folder);
  }

  /**
   * Loads the tokenizer of a model folder: tokenizer.json, or what vocab.txt gives; special tokens
   * from tokenizer_config.json, else special_tokens_map.json.
   *
   * @throws TokenizerException if the files are missing or broken, or name special tokens that are
   *     not in the vocabulary
   */
  public static Tokenizer load(Path folder) {
    return new Tokenizer(TokenizerFiles.read(folder));
  }

  /**
   * A tokenizer of the bytes of its files.
   *
   * @param json tokenizer.json
   * @param config tokenizer_config.json, or null
   */
  public static Tokenizer of(byte[] json, byte @Nullable [] config) {
    return new Tokenizer(
        new TokenizerFiles(
            json.clone(),
            config == null ? null : config.clone(),
            JsonNodeFactory.instance.objectNode(),
            TokenizerFiles.JSON));
  }

  // ---- text to ids ----

  /** One text, whole, with the tokens the model expects around it. */
  public Encoding encode(String text) {
    return library.encode(text, null, true);
  }

  /** Two texts, whole; or one, if the second is null. */
  public Encoding encode(String text, @Nullable String pair) {
    return library.encode(text, pair, true);
  }

  /**
   * One text or two, cut to a length.
   *
   * @throws TokenizerException if the length leaves no room for text, or the text that is to be cut
   *     is not long enough for it
   */
  public Encoding encode(String text, @Nullable String pair, Truncation truncation) {
    return truncation.apply(library.encode(text, pair, true));
  }

  /** One text, without the tokens a model expects around it. */
  public Encoding encodeBare(String text) {
    return library.encode(text, null, false);
  }

  // ---- ids to text ----

  /**
   * The text of the ids.
   *
   * @param skipSpecial leaves out the tokens that are not of a text
   * @throws TokenizerException if an id is not in the vocabulary
   */
  public String decode(int[] ids, boolean skipSpecial) {
    for (int id : ids) {
      if (id < 0 || id > vocabulary.maxId()) {
        throw new TokenizerException(
            "id " + id + " is not in the vocabulary, whose ids end at " + vocabulary.maxId());
      }
    }
    return library.decode(ids, skipSpecial);
  }

  // ---- vocabulary ----

  /** The number of tokens, special and added ones included. */
  public int vocabSize() {
    return vocabulary.size();
  }

  /** The largest id. */
  public int maxId() {
    return vocabulary.maxId();
  }

  /** The id of a token, or null. */
  public @Nullable Integer id(String token) {
    return vocabulary.id(token);
  }

  /** The token of an id, or null. */
  public @Nullable String token(int id) {
    return vocabulary.token(id);
  }

  /** The id of a special token, or null if this tokenizer has none. */
  public @Nullable Integer id(SpecialToken token) {
    String text = special.get(token);
    return text == null ? null : vocabulary.id(text);
  }

  /** The text of a special token, or null if this tokenizer has none. */
  public @Nullable String text(SpecialToken token) {
    return special.get(token);
  }

  /** The most tokens the model was made for, or {@link Integer#MAX_VALUE}. */
  public int maxTokens() {
    return maxTokens;
  }

  /** What in the files contradicts itself, one sentence each. */
  public List<String> warnings() {
    return List.copyOf(warnings);
  }

  // ---- identity ----

  /** The file it came from, for messages. */
  public String where() {
    return files.where();
  }

  /** SHA-256 of tokenizer.json, in hexadecimal. */
  public String fingerprint() {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(files.json());
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** The bytes of tokenizer.json. */
  public byte[] json() {
    return files.json().clone();
  }

  /** The bytes of tokenizer_config.json, or null. */
  public byte @Nullable [] config() {
    byte[] config = files.config();
    return config == null ? null : config.clone();
  }

  /**
   * Writes tokenizer.json and tokenizer_config.json.
   *
   * @throws TokenizerException if that fails
   */
  public void save(Path folder) {
    files.write(folder, special, maxTokens);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Tokenizer t && Arrays.equals(t.files.json(), files.json());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(files.json());
  }

  // ---- reading the files ----

  private @Nullable String specialText(SpecialToken token) {
    String given = files.text(token);
    if (given != null) {
      if (vocabulary.id(given) == null) {
        throw new TokenizerException(
            files.where()
                + ": the "
                + token.key()
                + " '"
                + given
                + "' is not in the vocabulary; are the tokenizer's files from one model?");
      }
      return given;
    }
    if (files.config() != null || !files.special().isEmpty()) {
      return null;
    }
    return token.usual().stream().filter(t -> vocabulary.id(t) != null).findFirst().orElse(null);
  }

  private static int maxTokens(JsonNode given) {
    double n = given.isNumber() ? given.asDouble() : Double.MAX_VALUE;
    return n >= 1 && n < 1e9 ? (int) n : Integer.MAX_VALUE;
  }

  private void warnAboutCase(ObjectNode settings, ObjectNode json) {
    JsonNode said = settings.path("do_lower_case");
    JsonNode done = json.path("normalizer").path("lowercase");
    if (said.isBoolean() && done.isBoolean() && said.asBoolean() != done.asBoolean()) {
      warnings.add(
          "tokenizer_config.json says do_lower_case is "
              + said
              + ", but tokenizer.json says "
              + done
              + ", which counts");
    }
  }
}
