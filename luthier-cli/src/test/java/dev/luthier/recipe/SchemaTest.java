package dev.luthier.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import dev.luthier.recipe.sample.Dish;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.schema.CoreSchema;

class SchemaTest {
  private static final String SHORT = "model: m\ndata: {file: f, text: t}\n";

  private final JsonSchema schema =
      JsonSchemaFactory.getInstance(VersionFlag.V202012)
          .getSchema(Recipes.schema(Dish.class, "A recipe"));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "optimizer: adamw",
        "optimizer: {adamw: {lr: 2e-4}}",
        "optimizer: {adamw: }",
        "objective: {r-drop: {of: {r-drop: {of: cross-entropy}}}}",
        "objective: null",
        "evaluate: [accuracy, {top-k: {k: 5}}]",
        "train: {epochs: 3, order: as-written}",
        "output: runs",
        "labels: {a: 1, b: no}"
      })
  void what_is_read_is_valid(String more) {
    Dish dish = Recipes.parse(SHORT + more, "recipe.yaml", Dish.class, List.of());

    assertThat(problems(SHORT + more)).isEmpty();
    assertThat(problems(Recipes.render(dish))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "train: {epcohs: 3}",
        "train: {epochs: 3.5}",
        "train: {epochs: null}",
        "train: {order: alphabetical}",
        "optimizer: adamv",
        "optimizer: {adamw: {lrr: 1}}",
        "optimizer: {adamw: {}, lion: {}}",
        "optimizer: {}",
        "objective: {r-drop: {of: {r-drop: {off: 1}}}}",
        "evaluate: accuracy",
        "unknown: 1"
      })
  void what_is_refused_is_not_valid(String more) {
    assertThat(problems(SHORT + more)).isNotEmpty();
  }

  @Test
  void required_keys_are_required() {
    assertThat(problems("model: m")).isNotEmpty();
    assertThat(problems("model: m\ndata: {file: f}")).isNotEmpty();
  }

  @Test
  void defaults_and_names_of_techniques_are_in_it() throws Exception {
    JsonNode tree = new ObjectMapper().readTree(Recipes.schema(Dish.class, "A recipe"));

    JsonNode lion = tree.at("/$defs/Stirrer/anyOf/1/properties/lion");
    assertThat(lion.get("title").asText()).isEqualTo("Lion");
    assertThat(lion.get("description").asText()).isEqualTo("Chen et al. 2023");
    assertThat(tree.at("/$defs/Lion/properties/beta2/default").asDouble()).isEqualTo(0.99);
    assertThat(tree.at("/$defs/Pace/properties/batch-size/default").asInt()).isEqualTo(32);
    assertThat(tree.at("/$defs/Pace/additionalProperties").asBoolean(true)).isFalse();
  }

  @Test
  void the_schema_that_is_checked_in_is_up_to_date() throws Exception {
    new SchemaFile("luthier-cli/src/test/resources/dish.schema.json", Dish.class, "A recipe")
        .requireUpToDate();
  }

  private Set<ValidationMessage> problems(String yaml) {
    Load load = new Load(LoadSettings.builder().setSchema(new CoreSchema()).build());
    return schema.validate(new ObjectMapper().valueToTree(load.loadFromString(yaml)));
  }
}
