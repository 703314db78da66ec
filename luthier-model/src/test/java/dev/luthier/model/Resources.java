package dev.luthier.model;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;

/** Where the tests' files lie. */
public final class Resources {
  private Resources() {}

  /** The golden folders of this module. */
  public static Path golden() {
    try {
      return Path.of(Objects.requireNonNull(Resources.class.getResource("/golden")).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
