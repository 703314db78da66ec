package dev.luthier.tensor.io;

import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The checked header of a safetensors file.
 *
 * @param metadata free text
 * @param tensors by name, in the order of their data
 * @param dataStart where the data begins in the file
 */
record Header(Map<String, String> metadata, Map<String, Entry> tensors, long dataStart) {
  /** The largest header that the format allows. */
  static final int MAX_BYTES = 100_000_000;

  /** The name that a tensor cannot have. */
  static final String METADATA = "__metadata__";

  private static final int WORD_BITS = 64;

  /**
   * One tensor.
   *
   * @param start offset of its first byte from the start of the data
   */
  record Entry(TensorInfo info, long start) {}

  /** What the header says of a tensor, before it is checked. */
  record Claim(String name, StoredType type, List<Long> sizes, long start, long end) {}

  /** Checks that the claims describe the data without gap, overlap or remainder. */
  static Header of(
      Path file, Map<String, String> metadata, List<Claim> claims, long dataStart, long fileBytes) {
    List<Claim> sorted = new ArrayList<>(claims);
    sorted.sort(Comparator.comparingLong(Claim::start).thenComparingLong(Claim::end));
    Map<String, Entry> tensors = new LinkedHashMap<>();
    long at = 0;
    for (Claim c : sorted) {
      if (c.start() != at || c.end() < c.start()) {
        throw damaged(
            file,
            c,
            "its data_offsets are ["
                + c.start()
                + ", "
                + c.end()
                + "], but the data before it ends at "
                + at);
      }
      long needed = bytesOf(file, c);
      if (c.end() - c.start() != needed) {
        throw damaged(
            file,
            c,
            c.type()
                + c.sizes().toString()
                + " needs "
                + needed
                + " bytes, but its data_offsets span "
                + (c.end() - c.start()));
      }
      tensors.put(c.name(), new Entry(new TensorInfo(c.type(), c.sizes(), needed), at));
      at = c.end();
    }
    requireEnd(file, dataStart, at, fileBytes);
    return new Header(Map.copyOf(metadata), tensors, dataStart);
  }

  private static void requireEnd(Path file, long dataStart, long described, long fileBytes) {
    long present = fileBytes - dataStart;
    if (present < described) {
      throw new TensorFileException(
          file,
          "the file is cut short: its header describes "
              + described
              + " bytes of data, it holds "
              + present
              + "; an interrupted download or copy? Fetch it again");
    }
    if (present > described) {
      throw new TensorFileException(
          file,
          "has "
              + (present - described)
              + " bytes after the last tensor that its header does not describe; the file is damaged");
    }
  }

  /** The format multiplies left to right in 64 unsigned bits, and refuses what overflows. */
  private static long bytesOf(Path file, Claim c) {
    BigInteger bits = BigInteger.ONE;
    for (long size : c.sizes()) {
      bits = multiply(file, c, bits, size);
    }
    bits = multiply(file, c, bits, c.type().bits());
    if (bits.testBit(0) || bits.testBit(1) || bits.testBit(2)) {
      throw damaged(
          file, c, c.type() + c.sizes().toString() + " does not fill a whole number of bytes");
    }
    return bits.shiftRight(3).longValueExact();
  }

  private static BigInteger multiply(Path file, Claim c, BigInteger a, long b) {
    BigInteger product = a.multiply(BigInteger.valueOf(b));
    if (product.bitLength() > WORD_BITS) {
      throw damaged(file, c, "shape " + c.sizes() + " is larger than any file");
    }
    return product;
  }

  private static TensorFileException damaged(Path file, Claim c, String what) {
    return new TensorFileException(
        file, "tensor '" + c.name() + "': " + what + "; the file is damaged");
  }
}
