package dev.luthier.eval.json;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Writes records as JSON whose bytes depend on the values alone: keys in snake case and sorted, two
 * spaces of indentation, line feeds, and fractions rounded to nine significant digits in plain
 * notation. What is not a number, or infinite, is null.
 */
public final class StableJson {
  private static final MathContext DIGITS = new MathContext(9, RoundingMode.HALF_EVEN);

  private static final ObjectWriter WRITER =
      JsonMapper.builder()
          .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .addModule(
              new SimpleModule()
                  .addSerializer(Double.class, new Fraction())
                  .addSerializer(double.class, new Fraction())
                  .addSerializer(Float.class, new Fraction())
                  .addSerializer(float.class, new Fraction()))
          .build()
          .writer(new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n")));

  private StableJson() {}

  /** The text of a record, a map, a list or a plain value, ending in a line feed. */
  public static String write(Object value) {
    try {
      return WRITER.writeValueAsString(value) + "\n";
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Nine significant digits, never an exponent. */
  private static final class Fraction extends StdSerializer<Number> {
    Fraction() {
      super(Number.class);
    }

    @Override
    public void serialize(Number value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      double number = value.doubleValue();
      if (!Double.isFinite(number)) {
        out.writeNull();
        return;
      }
      BigDecimal rounded = BigDecimal.valueOf(number).round(DIGITS).stripTrailingZeros();
      out.writeNumber(rounded.signum() == 0 ? "0" : rounded.toPlainString());
    }
  }
}
