package dev.luthier.cli;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import dev.luthier.recipe.shape.Key;
import dev.luthier.recipe.shape.RecordShape;
import dev.luthier.recipe.shape.SchemaDefinitions;
import dev.luthier.recipe.shape.SocketShape;
import dev.luthier.recipe.shape.TechniqueType;
import java.util.List;
import java.util.Locale;

/**
 * What is told about a technique.
 *
 * @param id its row in the catalogue
 * @param key its name in a recipe
 * @param name its name in the literature
 * @param area what kind of technique it is
 * @param paper where to read it
 * @param socket the interface it implements
 * @param keys what it takes
 */
record TechniqueCard(
    @JsonProperty("id") String id,
    @JsonProperty("key") String key,
    @JsonProperty("name") String name,
    @JsonProperty("area") String area,
    @JsonProperty("paper") String paper,
    @JsonProperty("socket") String socket,
    @JsonProperty("keys") List<KeyCard> keys) {

  /**
   * A key.
   *
   * @param name as a recipe writes it
   * @param takes what it takes, in words
   * @param standard its default, as JSON; null if it has none
   */
  record KeyCard(
      @JsonProperty("name") String name,
      @JsonProperty("takes") String takes,
      @JsonProperty("default") JsonNode standard) {}

  /** The cards of everything that plugs into some sockets. */
  static List<TechniqueCard> of(List<SocketShape> sockets) {
    return sockets.stream()
        .flatMap(socket -> socket.techniques().stream().map(t -> of(socket, t)))
        .toList();
  }

  private static TechniqueCard of(SocketShape socket, TechniqueType type) {
    RecordShape shape = type.shape();
    return new TechniqueCard(
        type.technique().id(),
        type.name(),
        type.technique().name(),
        type.technique().area().name().toLowerCase(Locale.ROOT),
        type.technique().paper(),
        socket.type().getSimpleName(),
        shape.keys().stream().map(key -> keyCard(shape, key)).toList());
  }

  private static KeyCard keyCard(RecordShape shape, Key key) {
    JsonNode standard =
        shape.defaultOf(key).map(SchemaDefinitions::json).orElse(NullNode.getInstance());
    return new KeyCard(key.name(), key.shape().words(), standard);
  }
}
