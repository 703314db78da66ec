package dev.luthier.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.testing.Proves;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a reader of the format must refuse and must accept, case by case. */
@Proves("hf-checkpoint")
class SafeTensorsFormatTest {
  @TempDir Path folder;

  private static Arguments bad(String why, String json, int data, String message) {
    return Arguments.of(why, Raw.file(json, data), message);
  }

  static Stream<Arguments> refused() {
    return Stream.concat(refusedLayouts(), refusedEntries());
  }

  private static Stream<Arguments> refusedLayouts() {
    byte[] hugeHeader =
        ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 100_000_001).array();
    byte[] negative = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN).putLong(0, -1).array();
    byte[] beyond = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 57).array();
    return Stream.of(
        Arguments.of("empty file", new byte[0], "too few"),
        Arguments.of("seven bytes", new byte[7], "too few"),
        Arguments.of("header of more than 100 000 000 bytes", hugeHeader, "not a safetensors file"),
        Arguments.of("header length with the sign bit", negative, "not a safetensors file"),
        Arguments.of("header longer than the file", beyond, "cut short within its header"),
        Arguments.of(
            "pointer of Git LFS",
            "version https://git-lfs".getBytes(StandardCharsets.UTF_8),
            "git lfs pull"),
        Arguments.of(
            "web page", "<!DOCTYPE html><html>".getBytes(StandardCharsets.UTF_8), "web page"),
        bad("empty header", "", 0, "does not begin with an object"),
        bad("array instead of an object", "[]", 0, "does not begin with an object"),
        bad("number instead of an object", "3", 0, "does not begin with an object"),
        bad("no JSON", "{", 0, "not valid JSON"),
        bad("NUL after the JSON", "{}\0", 0, "not valid JSON"),
        bad("second value after the JSON", "{} {}", 0, "goes on after its end"),
        bad("byte order mark", "\uFEFF{}", 0, "not valid JSON"),
        Arguments.of(
            "header that is not UTF-8",
            Raw.file(new byte[] {'{', '"', (byte) 0xC3, '"', ':', '1', '}'}, 0),
            "UTF-8"),
        Arguments.of(
            "invalid UTF-8 behind the JSON",
            Raw.file(new byte[] {'{', '}', (byte) 0xFF}, 0),
            "UTF-8"),
        Arguments.of(
            "UTF-16", Raw.file("{}".getBytes(StandardCharsets.UTF_16LE), 0), "not valid JSON"),
        bad("first data not at zero", entry("a", "U8", "1", 1, 2), 2, "data before it ends at 0"),
        bad(
            "hole",
            join(entry("a", "U8", "1", 0, 1), entry("b", "U8", "1", 2, 3)),
            3,
            "data before it ends at 1"),
        bad(
            "overlap",
            join(entry("a", "U8", "2", 0, 2), entry("b", "U8", "2", 1, 3)),
            3,
            "data before it ends at 2"),
        bad("end before start", entry("a", "U8", "0", 1, 0), 1, "data before it ends at 0"),
        bad("missing bytes", entry("a", "U8", "4", 0, 4), 3, "cut short"),
        bad("trailing bytes", entry("a", "U8", "4", 0, 4), 5, "1 bytes after the last tensor"),
        bad("data without tensors", "{}", 1, "1 bytes after the last tensor"));
  }

  private static Stream<Arguments> refusedEntries() {
    return Stream.of(
        bad("shape larger than the span", entry("a", "F32", "2", 0, 4), 4, "needs 8 bytes"),
        bad("shape smaller than the span", entry("a", "F32", "1", 0, 8), 8, "needs 4 bytes"),
        bad("scalar with the span of two", entry("a", "F32", "", 0, 8), 8, "needs 4 bytes"),
        bad(
            "product of the shape beyond 64 bits",
            entry("a", "U8", "4294967296,4294967296,4294967296,0", 0, 0),
            0,
            "larger than any file"),
        bad(
            "bits beyond 64 bits",
            entry("a", "U8", "4611686018427387904", 0, 0),
            0,
            "larger than any file"),
        bad(
            "size beyond 63 bits",
            entry("a", "U8", "18446744073709551615", 0, 0),
            0,
            "more than any file"),
        bad(
            "offset beyond 64 bits",
            "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,99999999999999999999]}}",
            1,
            "more than any file"),
        bad("three elements of four bits", entry("a", "F4", "3", 0, 1), 1, "whole number of bytes"),
        bad(
            "one element of six bits",
            entry("a", "F6_E2M3", "1", 0, 1),
            1,
            "whole number of bytes"),
        bad("unknown type", entry("a", "F33", "1", 0, 4), 4, "unknown dtype F33"),
        bad("type in lower case", entry("a", "f32", "1", 0, 4), 4, "unknown dtype f32"),
        bad(
            "type that is a number",
            "{\"a\":{\"dtype\":3,\"shape\":[1],\"data_offsets\":[0,1]}}",
            1,
            "unknown dtype"),
        bad("no type", "{\"a\":{\"shape\":[1],\"data_offsets\":[0,1]}}", 1, "needs dtype"),
        bad("no shape", "{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,1]}}", 1, "needs dtype"),
        bad("no offsets", "{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}", 1, "needs dtype"),
        bad(
            "one offset",
            "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1]}}",
            1,
            "two data_offsets"),
        bad(
            "three offsets",
            "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1,1]}}",
            1,
            "two data_offsets"),
        bad("negative size", entry("a", "U8", "-1", 0, 1), 1, "whole numbers from 0"),
        bad("negative zero", entry("a", "U8", "-0", 0, 0), 0, "whole numbers from 0"),
        bad("fractional size", entry("a", "U8", "1.0", 0, 1), 1, "whole numbers from 0"),
        bad("size with an exponent", entry("a", "U8", "1e0", 0, 1), 1, "whole numbers from 0"),
        bad("size that is text", entry("a", "U8", "\"1\"", 0, 1), 1, "whole numbers from 0"),
        bad("nested shape", entry("a", "U8", "[1]", 0, 1), 1, "whole numbers from 0"),
        bad(
            "shape that is null",
            "{\"a\":{\"dtype\":\"U8\",\"shape\":null,\"data_offsets\":[0,1]}}",
            1,
            "must be an array"),
        bad("entry that is a number", "{\"a\":1}", 0, "must be an object"),
        bad("two __metadata__", "{\"__metadata__\":{},\"__metadata__\":{}}", 0, "Duplicate"),
        bad(
            "two __metadata__, one escaped",
            "{\"__metadata__\":{},\"\\u005f_metadata__\":{}}",
            0,
            "Duplicate"),
        bad("metadata that is a number", "{\"__metadata__\":{\"a\":1}}", 0, "must hold text only"),
        bad("metadata that is null", "{\"__metadata__\":{\"a\":null}}", 0, "must hold text only"),
        bad("metadata that is a list", "{\"__metadata__\":[]}", 0, "must be an object"),
        bad(
            "key of the metadata twice",
            "{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}",
            0,
            "Duplicate"),
        bad(
            "tensor twice",
            "{\"a\":" + body("U8", "1", 0, 1) + ",\"a\":" + body("U8", "1", 0, 1) + "}",
            1,
            "Duplicate"),
        bad(
            "tensor twice, once escaped",
            "{\"a\":" + body("U8", "1", 0, 1) + ",\"\\u0061\":" + body("U8", "1", 0, 1) + "}",
            1,
            "Duplicate"),
        bad(
            "field twice",
            "{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}",
            1,
            "Duplicate"),
        bad("half a surrogate pair", entry("\\ud800", "U8", "1", 0, 1), 1, "surrogate"),
        bad(
            "deep nesting",
            "{\"a\":" + "[".repeat(5000) + "]".repeat(5000) + "}",
            0,
            "must be an object"),
        bad(
            "deep nesting in an unknown field",
            "{\"a\":{\"x\":" + "[".repeat(5000) + "]".repeat(5000) + "}}",
            0,
            "depth"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void refuses(String why, byte[] content, String message) {
    Path file = Raw.write(folder, content);
    assertThatThrownBy(() -> TensorFile.open(file))
        .isInstanceOf(TensorFileException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(message)
        .hasMessageNotContaining("\n");
  }

  static Stream<Arguments> accepted() {
    return Stream.of(
        Arguments.of("no tensors", "{}", 0, ""),
        Arguments.of("metadata only", "{\"__metadata__\":{\"format\":\"pt\"}}", 0, ""),
        Arguments.of("metadata that is null", "{\"__metadata__\":null}", 0, ""),
        Arguments.of("leading white space", " \n\t" + entry("a", "U8", "1", 0, 1), 1, "a=U8[1]"),
        Arguments.of("trailing spaces", entry("a", "U8", "1", 0, 1) + "     ", 1, "a=U8[1]"),
        Arguments.of("header length that is no multiple of eight", "{} ", 0, ""),
        Arguments.of(
            "keys in any order",
            join(entry("b", "U8", "1", 1, 2), entry("a", "U8", "1", 0, 1)),
            2,
            "a=U8[1] b=U8[1]"),
        Arguments.of(
            "fields in any order",
            "{\"a\":{\"data_offsets\":[0,1],\"shape\":[1],\"dtype\":\"U8\"}}",
            1,
            "a=U8[1]"),
        Arguments.of("empty tensor", entry("a", "F32", "0,3", 0, 0), 0, "a=F32[0, 3]"),
        Arguments.of(
            "empty tensor between others",
            "{\"b\":"
                + body("U8", "1", 1, 2)
                + ",\"e\":"
                + body("F64", "0", 1, 1)
                + ",\"a\":"
                + body("U8", "1", 0, 1)
                + "}",
            2,
            "a=U8[1] e=F64[0] b=U8[1]"),
        Arguments.of(
            "empty tensor at the end",
            join(entry("a", "U8", "1", 0, 1), entry("e", "U8", "0", 1, 1)),
            1,
            "a=U8[1] e=U8[0]"),
        Arguments.of(
            "zero before large sizes",
            entry("a", "U8", "0,4294967296,4294967296,4294967296", 0, 0),
            0,
            "a=U8[0, 4294967296, 4294967296, 4294967296]"),
        Arguments.of("scalar", entry("a", "F32", "", 0, 4), 4, "a=F32[]"),
        Arguments.of(
            "unknown fields",
            "{\"a\":{\"x\":{\"y\":[1,{}]},\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}",
            1,
            "a=U8[1]"),
        Arguments.of("escaped key", entry("\\u0061", "U8", "1", 0, 1), 1, "a=U8[1]"),
        Arguments.of("empty name", entry("", "U8", "1", 0, 1), 1, "=U8[1]"),
        Arguments.of(
            "name beyond the basic plane",
            entry("\\ud83d\\ude00", "U8", "1", 0, 1),
            1,
            "\uD83D\uDE00=U8[1]"),
        Arguments.of(
            "four-bit elements that fill a byte", entry("a", "F4", "2", 0, 1), 1, "a=F4[2]"),
        Arguments.of(
            "six-bit elements that fill three bytes",
            entry("a", "F6_E3M2", "4", 0, 3),
            3,
            "a=F6_E3M2[4]"),
        Arguments.of("scales of one byte", entry("a", "F8_E8M0", "2", 0, 2), 2, "a=F8_E8M0[2]"),
        Arguments.of(
            "the other eight-bit floats",
            join(entry("a", "F8_E4M3FNUZ", "1", 0, 1), entry("b", "F8_E5M2FNUZ", "1", 1, 2)),
            2,
            "a=F8_E4M3FNUZ[1] b=F8_E5M2FNUZ[1]"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("accepted")
  void accepts(String why, String json, int data, String expected) {
    try (TensorFile f = TensorFile.open(Raw.write(folder, Raw.file(json, data)))) {
      assertThat(String.join(" ", f.names().stream().map(n -> n + "=" + f.info(n)).toList()))
          .isEqualTo(expected);
    }
  }

  @Test
  void accepts_names_and_metadata_of_any_length() {
    String long1 = "x".repeat(200_000);
    String json =
        "{\"__metadata__\":{\"k\":\""
            + long1
            + "\"},\""
            + long1
            + "\":"
            + body("U8", "1", 0, 1)
            + "}";
    try (TensorFile f = TensorFile.open(Raw.write(folder, Raw.file(json, 1)))) {
      assertThat(f.names()).containsExactly(long1);
      assertThat(f.metadata()).containsEntry("k", long1);
    }
  }

  @Test
  void refuses_a_type_the_engine_lacks_only_when_its_tensor_is_asked_for() {
    String json = join(entry("a", "F8_E8M0", "2", 0, 2), entry("b", "U8", "1", 2, 3));
    try (Scope s = Scope.open();
        TensorFile f = TensorFile.open(Raw.write(folder, Raw.file(json, 3)))) {
      assertThat(f.tensor("b").toLongs()).containsExactly(3);
      assertThatThrownBy(() -> f.tensor("a"))
          .isInstanceOf(TensorFileException.class)
          .hasMessageContaining("'a' is F8_E8M0");
    }
  }

  @Test
  void booleans_other_than_one_are_true() throws Exception {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    content.write(Raw.file(entry("a", "BOOL", "3", 0, 3), 0));
    content.write(new byte[] {0, 2, 1});
    try (Scope s = Scope.open();
        TensorFile f = TensorFile.open(Raw.write(folder, content.toByteArray()))) {
      assertThat(f.tensor("a").dtype()).isEqualTo(DType.BOOL);
      assertThat(f.tensor("a").to(DType.F32).toFloats()).containsExactly(0, 1, 1);
    }
  }

  private static String entry(String name, String type, String sizes, long start, long end) {
    return "{\"" + name + "\":" + body(type, sizes, start, end) + "}";
  }

  private static String body(String type, String sizes, long start, long end) {
    return "{\"dtype\":\"%s\",\"shape\":[%s],\"data_offsets\":[%d,%d]}"
        .formatted(type, sizes, start, end);
  }

  private static String join(String a, String b) {
    return a.substring(0, a.length() - 1) + "," + b.substring(1);
  }
}
