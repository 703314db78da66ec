package dev.luthier.tensor.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import dev.luthier.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The beginning of a safetensors file and the order of what follows.
 *
 * @param head length, JSON and padding
 * @param order the tensors in the order of their data
 */
record HeaderWriter(ByteBuffer head, List<Map.Entry<String, Tensor>> order) {
  private static final Comparator<String> BY_BYTES =
      Comparator.comparing(s -> s.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(JsonWriteFeature.WRITE_HEX_UPPER_CASE)
          .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
          .build();

  /** Widest types first, then by name, so that every tensor starts aligned. */
  static HeaderWriter of(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
    List<Map.Entry<String, Tensor>> order =
        tensors.entrySet().stream()
            .sorted(
                Comparator.comparing((Map.Entry<String, Tensor> e) -> e.getValue().dtype())
                    .reversed()
                    .thenComparing(Map.Entry::getKey, BY_BYTES))
            .toList();
    order.forEach(e -> requireWritable(file, e.getKey()));
    metadata.forEach((k, v) -> requireText(file, k + v));
    byte[] json = json(order, metadata);
    int padded = (json.length + Long.BYTES - 1) / Long.BYTES * Long.BYTES;
    if (padded > Header.MAX_BYTES) {
      throw new TensorFileException(
          file, "its header would have " + padded + " bytes; at most " + Header.MAX_BYTES);
    }
    byte[] bytes = new byte[Long.BYTES + padded];
    Arrays.fill(bytes, (byte) ' ');
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(padded).put(json);
    return new HeaderWriter(ByteBuffer.wrap(bytes).asReadOnlyBuffer(), order);
  }

  private static byte[] json(List<Map.Entry<String, Tensor>> order, Map<String, String> metadata) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator g = JSON.createGenerator(out)) {
      g.writeStartObject();
      if (!metadata.isEmpty()) {
        g.writeObjectFieldStart(Header.METADATA);
        SortedMap<String, String> sorted = new TreeMap<>(BY_BYTES);
        sorted.putAll(metadata);
        for (Map.Entry<String, String> e : sorted.entrySet()) {
          g.writeStringField(e.getKey(), e.getValue());
        }
        g.writeEndObject();
      }
      long at = 0;
      for (Map.Entry<String, Tensor> e : order) {
        Tensor t = e.getValue();
        long[] shape = t.shape();
        g.writeObjectFieldStart(e.getKey());
        g.writeStringField("dtype", t.dtype().code());
        g.writeFieldName("shape");
        g.writeArray(shape, 0, shape.length);
        g.writeFieldName("data_offsets");
        g.writeArray(new long[] {at, at += t.bytes()}, 0, 2);
        g.writeEndObject();
      }
      g.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static void requireWritable(Path file, String name) {
    if (name.equals(Header.METADATA)) {
      throw new TensorFileException(
          file, "a tensor cannot be called " + Header.METADATA + "; rename it");
    }
    requireText(file, name);
  }

  private static void requireText(Path file, String text) {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new TensorFileException(file, "'" + text + "' holds half of a surrogate pair");
    }
  }
}
