package dev.luthier.recipe.shape;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.luthier.recipe.document.Node;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Builds a JSON Schema (2020-12); records and sockets are defined once and referred to. */
public final class SchemaDefinitions {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final Map<Class<?>, String> names = new HashMap<>();
  private final Map<String, ObjectNode> definitions = new TreeMap<>();

  /** The whole schema of a recipe whose root record is given. */
  public static ObjectNode document(RecordShape root, String title) {
    SchemaDefinitions definitions = new SchemaDefinitions();
    ObjectNode reference = root.schema(definitions);
    ObjectNode document = JSON.objectNode();
    document.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    document.put("title", title);
    document.setAll(reference);
    ObjectNode defs = document.putObject("$defs");
    definitions.definitions.forEach(defs::set);
    return document;
  }

  ObjectNode ofTypes(String... types) {
    ObjectNode schema = JSON.objectNode();
    if (types.length == 1) {
      return schema.put("type", types[0]);
    }
    ArrayNode all = schema.putArray("type");
    List.of(types).forEach(all::add);
    return schema;
  }

  ObjectNode ofNames(Collection<String> names) {
    ObjectNode schema = JSON.objectNode();
    ArrayNode all = schema.putArray("enum");
    names.forEach(all::add);
    return schema;
  }

  ObjectNode orNull(ObjectNode schema) {
    ObjectNode either = JSON.objectNode();
    either.putArray("anyOf").add(schema).add(ofTypes("null"));
    return either;
  }

  ObjectNode ofRecord(RecordShape shape) {
    String name = names.get(shape.type());
    if (name == null) {
      name = define(shape.type());
      definitions.put(name, describe(shape));
    }
    return reference(name);
  }

  private ObjectNode describe(RecordShape shape) {
    ObjectNode schema = ofTypes("object");
    ObjectNode properties = schema.putObject("properties");
    ArrayNode required = JSON.arrayNode();
    for (Key key : shape.keys()) {
      ObjectNode property = key.shape().schema(this).deepCopy();
      shape.defaultOf(key).ifPresent(value -> property.set("default", json(value)));
      properties.set(key.name(), property);
      if (shape.isRequired(key)) {
        required.add(key.name());
      }
    }
    if (!required.isEmpty()) {
      schema.set("required", required);
    }
    return schema.put("additionalProperties", false);
  }

  /** A technique by its name alone, or its name with keys. */
  ObjectNode ofSocket(Class<?> socket, Collection<TechniqueType> techniques) {
    String name = names.get(socket);
    if (name == null) {
      name = define(socket);
      ObjectNode bodies = JSON.objectNode();
      for (TechniqueType technique : techniques) {
        ObjectNode body = orNull(technique.shape().schema(this));
        body.put("title", technique.technique().name());
        if (!technique.technique().paper().isEmpty()) {
          body.put("description", technique.technique().paper());
        }
        bodies.set(technique.name(), body);
      }
      ObjectNode one = ofTypes("object").put("minProperties", 1).put("maxProperties", 1);
      one.set("properties", bodies);
      one.put("additionalProperties", false);
      ObjectNode schema = JSON.objectNode();
      List<String> all = techniques.stream().map(TechniqueType::name).toList();
      schema.putArray("anyOf").add(ofNames(all)).add(one);
      definitions.put(name, schema);
    }
    return reference(name);
  }

  /** Gives a type its name: its simple one unless that is taken. */
  private String define(Class<?> type) {
    String name = type.getSimpleName();
    if (names.containsValue(name)) {
      name = type.getName();
    }
    names.put(type, name);
    return name;
  }

  private static ObjectNode reference(String name) {
    return JSON.objectNode().put("$ref", "#/$defs/" + name);
  }

  /** The JSON value of what a recipe would say. */
  public static JsonNode json(Node node) {
    if (node instanceof Node.Mapping mapping) {
      ObjectNode object = JSON.objectNode();
      mapping.entries().forEach(e -> object.set(e.key(), json(e.value())));
      return object;
    }
    if (node instanceof Node.Sequence sequence) {
      ArrayNode array = JSON.arrayNode();
      sequence.items().forEach(item -> array.add(json(item)));
      return array;
    }
    Node.Scalar scalar = (Node.Scalar) node;
    if (scalar.quoted()) {
      return JSON.textNode(scalar.text());
    }
    return switch (scalar.text()) {
      case "null" -> JSON.nullNode();
      case "true", "false" -> JSON.booleanNode(Boolean.parseBoolean(scalar.text()));
      case ".inf", "-.inf" -> JSON.textNode(scalar.text());
      default -> JSON.numberNode(new BigDecimal(scalar.text()));
    };
  }
}
