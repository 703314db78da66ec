package dev.luthier.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A schema that is checked in. Run the tests with {@code -Dluthier.write-schema=true} to write it
 * anew.
 *
 * @param file from the root folder of the build
 * @param root the record it is generated from
 * @param title its title
 */
record SchemaFile(String file, Class<? extends Record> root, String title) {

  /** Fails if the file says something else than the records. */
  void requireUpToDate() throws IOException {
    Path path = Path.of(System.getProperty("luthier.root", "..")).resolve(file);
    String schema = Recipes.schema(root, title);
    if (Boolean.getBoolean("luthier.write-schema")) {
      Files.createDirectories(path.getParent());
      Files.writeString(path, schema);
    }
    assertThat(path)
        .as("out of date; run the tests of luthier-cli with -Dluthier.write-schema=true")
        .exists()
        .content()
        .isEqualToNormalizingNewlines(schema);
  }
}
