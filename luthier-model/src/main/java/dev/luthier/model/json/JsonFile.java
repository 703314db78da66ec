package dev.luthier.model.json;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;

/**
 * JSON as the ecosystem's files need it. Reading refuses duplicate keys and trailing text; writing
 * gives the same bytes for the same content: two spaces of indentation, {@code \n}, UTF-8, and
 * floating-point numbers as they were read.
 */
public final class JsonFile {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final ObjectWriter WRITER =
      JSON.writer(
          new DefaultPrettyPrinter(
                  Separators.createDefaultInstance()
                      .withObjectFieldValueSpacing(Separators.Spacing.AFTER)
                      .withObjectEmptySeparator("")
                      .withArrayEmptySeparator(""))
              .withObjectIndenter(new DefaultIndenter("  ", "\n"))
              .withArrayIndenter(new DefaultIndenter("  ", "\n")));

  private JsonFile() {}

  /** A file is not what its format says. The message names the file and the place in it. */
  public static final class Invalid extends Exception {
    private static final long serialVersionUID = 1L;

    private Invalid(String message) {
      super(message);
    }
  }

  /**
   * Reads a file that holds one JSON object.
   *
   * @throws Invalid if it cannot be read, or holds something else
   */
  public static ObjectNode readObject(Path file) throws Invalid {
    try {
      return parseObject(Files.readAllBytes(file), file.toString());
    } catch (IOException e) {
      throw new Invalid(file + ": cannot be read: " + e);
    }
  }

  /**
   * Reads one JSON object.
   *
   * @param where how a message names the source
   * @throws Invalid if the bytes are something else
   */
  public static ObjectNode parseObject(byte[] bytes, String where) throws Invalid {
    if (parse(bytes, where) instanceof ObjectNode object) {
      return object;
    }
    throw new Invalid(where + ": holds no JSON object");
  }

  /**
   * Reads one JSON value.
   *
   * @param where how a message names the source
   * @throws Invalid if the bytes are something else
   */
  public static JsonNode parse(byte[] bytes, String where) throws Invalid {
    try {
      return JSON.readTree(bytes);
    } catch (JsonProcessingException e) {
      var at = e.getLocation();
      String place = at == null ? "" : ":" + at.getLineNr() + ":" + at.getColumnNr();
      throw new Invalid(where + place + ": is not valid JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new Invalid(where + ": cannot be read: " + e);
    }
  }

  /** The bytes of a value, keys in the order they have. */
  public static byte[] bytes(JsonNode value) {
    try {
      return (WRITER.writeValueAsString(value) + "\n").getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree is always writable", e);
    }
  }

  /** The same value with the keys of every object in alphabetical order. */
  public static JsonNode sorted(JsonNode value) {
    if (value instanceof ObjectNode object) {
      TreeMap<String, JsonNode> fields = new TreeMap<>();
      object.properties().forEach(e -> fields.put(e.getKey(), sorted(e.getValue())));
      return JsonNodeFactory.instance.objectNode().setAll(fields);
    }
    if (value instanceof ArrayNode array) {
      ArrayNode out = JsonNodeFactory.instance.arrayNode();
      array.forEach(item -> out.add(sorted(item)));
      return out;
    }
    return value;
  }
}
