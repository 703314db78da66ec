package dev.luthier.tensor.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the JSON of a safetensors header, strictly: what the format forbids is an error. */
final class HeaderParser {
  private static final int MAX_NESTING = 100;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_NESTING)
                  .maxNameLength(Header.MAX_BYTES)
                  .maxStringLength(Header.MAX_BYTES)
                  .build())
          .build();

  private final Path file;
  private final JsonParser json;
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final List<Header.Claim> claims = new ArrayList<>();

  private HeaderParser(Path file, JsonParser json) {
    this.file = file;
    this.json = json;
  }

  /**
   * Parses and checks a header.
   *
   * @param file for messages
   * @param header the JSON's bytes
   * @param fileBytes the length of the whole file
   */
  static Header parse(Path file, byte[] header, long fileBytes) {
    Reader text =
        new InputStreamReader(
            new ByteArrayInputStream(header),
            StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT));
    try (JsonParser json = JSON.createParser(text)) {
      HeaderParser p = new HeaderParser(file, json);
      p.document();
      return Header.of(file, p.metadata, p.claims, Long.BYTES + (long) header.length, fileBytes);
    } catch (CharacterCodingException e) {
      throw new TensorFileException(file, "its header is not UTF-8; the file is damaged", e);
    } catch (JsonProcessingException e) {
      throw new TensorFileException(
          file, "its header is not valid JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new TensorFileException(file, "its header cannot be read: " + e.getMessage(), e);
    }
  }

  private void document() throws IOException {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      throw broken("does not begin with an object");
    }
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = text(json.currentName());
      JsonToken value = json.nextToken();
      if (!name.equals(Header.METADATA)) {
        require(value == JsonToken.START_OBJECT, name, "must be an object");
        claims.add(claim(name));
      } else if (value != JsonToken.VALUE_NULL) {
        require(value == JsonToken.START_OBJECT, name, "must be an object");
        metadata();
      }
    }
    if (json.nextToken() != null) {
      throw broken("goes on after its end");
    }
  }

  private void metadata() throws IOException {
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String key = text(json.currentName());
      require(
          json.nextToken() == JsonToken.VALUE_STRING,
          Header.METADATA,
          "must hold text only, '" + key + "' does not");
      metadata.put(key, text(json.getText()));
    }
  }

  private Header.Claim claim(String name) throws IOException {
    StoredType type = null;
    List<Long> sizes = null;
    List<Long> offsets = null;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = json.currentName();
      JsonToken value = json.nextToken();
      switch (field) {
        case "dtype" -> type = type(name, value);
        case "shape" -> sizes = numbers(name, field, value);
        case "data_offsets" -> offsets = numbers(name, field, value);
        default -> json.skipChildren();
      }
    }
    if (type == null || sizes == null || offsets == null || offsets.size() != 2) {
      throw broken("tensor '" + name + "' needs dtype, shape and two data_offsets");
    }
    return new Header.Claim(name, type, sizes, offsets.get(0), offsets.get(1));
  }

  private StoredType type(String name, @Nullable JsonToken value) throws IOException {
    StoredType type = value == JsonToken.VALUE_STRING ? StoredType.of(json.getText()) : null;
    if (type == null) {
      throw broken("tensor '" + name + "' has the unknown dtype " + json.getText());
    }
    return type;
  }

  private List<Long> numbers(String name, String field, @Nullable JsonToken value)
      throws IOException {
    require(value == JsonToken.START_ARRAY, name, field + " must be an array");
    List<Long> numbers = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      boolean natural =
          json.currentToken() == JsonToken.VALUE_NUMBER_INT && !json.getText().startsWith("-");
      require(natural, name, field + " must hold whole numbers from 0, not " + json.getText());
      require(
          json.getNumberType() != JsonParser.NumberType.BIG_INTEGER,
          name,
          field + " holds " + json.getText() + ", more than any file can");
      numbers.add(json.getLongValue());
    }
    return numbers;
  }

  /** Escapes can spell half a surrogate pair, which no UTF-8 file could hold. */
  private String text(String s) {
    if (s.codePoints()
        .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
      throw broken("holds half of a surrogate pair");
    }
    return s;
  }

  private void require(boolean condition, String name, String what) {
    if (!condition) {
      throw broken("'" + name + "': " + what);
    }
  }

  private TensorFileException broken(String what) {
    return new TensorFileException(file, "its header is wrong: " + what);
  }
}
