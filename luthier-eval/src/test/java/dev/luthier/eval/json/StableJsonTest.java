package dev.luthier.eval.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StableJsonTest {
  record Sample(double zeta, long aCount, List<Double> values) {}

  @Test
  void sorts_keys_and_writes_fractions_plainly() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("z", 1);
    map.put("a", new Sample(2e-5, 3, List.of(1.0, 0.1 + 0.2, 1 / 3.0, -0.0, 123456789012.0)));
    assertThat(StableJson.write(map))
        .isEqualTo(
            """
            {
              "a" : {
                "a_count" : 3,
                "values" : [ 1, 0.3, 0.333333333, 0, 123456789000 ],
                "zeta" : 0.00002
              },
              "z" : 1
            }
            """);
  }

  @Test
  void writes_null_for_what_is_no_number() {
    assertThat(StableJson.write(List.of(Double.NaN, Double.POSITIVE_INFINITY)))
        .isEqualTo("[ null, null ]\n");
  }
}
