package dev.luthier.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Classes of tests that {@link ProofListenerTest} runs by itself; some fail on purpose. */
final class Samples {
  private Samples() {}

  @Proves("row-of-class")
  static class Passing {
    @Test
    @Proves({"row-one", "row-two"})
    void passes() {}

    @Nested
    class Inner {
      @Test
      void passes_too() {}
    }
  }

  static class OnceFailing {
    @ParameterizedTest
    @ValueSource(ints = {1, 9, 2})
    @Proves("row-three")
    void is_small(int value) {
      assertThat(value).isLessThan(5);
    }
  }

  static class AsProperty {
    @Property(tries = 5)
    @Proves("row-four")
    boolean is_itself(@ForAll int value) {
      return value == value + 0;
    }
  }

  static class Skipping {
    @Test
    @Disabled("on purpose")
    @Proves("row-five")
    void is_disabled() {}

    @Test
    @Proves("row-six")
    void is_aborted() {
      assumeTrue(false);
    }
  }

  static class NotStarting {
    @BeforeAll
    static void fail() {
      throw new IllegalStateException("on purpose");
    }

    @Test
    @Proves("row-seven")
    void passes() {}
  }
}
