package dev.luthier.model.tokenizer;

import ai.djl.huggingface.tokenizers.jni.CharSpan;
import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The only code that calls the native library. A panic in it would end the process, so what reaches
 * it is checked before. Padding and truncation are off; threads may share an instance.
 */
final class NativeTokenizer {
  private static final Cleaner CLEANER = Cleaner.create();

  private final long handle;

  private NativeTokenizer(long handle) {
    this.handle = handle;
    CLEANER.register(this, new Release(handle));
  }

  private record Release(long handle) implements Runnable {
    @Override
    public void run() {
      TokenizersLibrary.LIB.deleteTokenizer(handle);
    }
  }

  /** The library, unpacked from its jar when first used; never fetched from a network. */
  private static final class Library {
    static final @Nullable String PROBLEM = start();

    private static @Nullable String start() {
      System.setProperty("ai.djl.offline", "true");
      System.setProperty("OPT_OUT_TRACKING", "true");
      try {
        LibUtils.checkStatus();
        return null;
      } catch (LinkageError | RuntimeException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        return cause.toString();
      }
    }
  }

  static NativeTokenizer of(byte[] json, String where) {
    String problem = Library.PROBLEM;
    if (problem != null) {
      throw new TokenizerException(
          "the native tokenizer library cannot be loaded: "
              + problem
              + "; it is unpacked into .djl.ai in the home folder: make that writable, or name"
              + " another folder with -DDJL_CACHE_DIR=...");
    }
    try {
      String text = new String(json, StandardCharsets.UTF_8);
      long handle = TokenizersLibrary.LIB.createTokenizerFromString(text);
      TokenizersLibrary.LIB.disablePadding(handle);
      TokenizersLibrary.LIB.disableTruncation(handle);
      return new NativeTokenizer(handle);
    } catch (RuntimeException e) {
      throw new TokenizerException(
          where + ": is not a tokenizer: " + e.getMessage() + "; fetch it again", e);
    }
  }

  Encoding encode(String text, @Nullable String pair, boolean addSpecial) {
    TokenizersLibrary library = TokenizersLibrary.LIB;
    String first = Utf16.wellFormed(text);
    String second = pair == null ? null : Utf16.wellFormed(pair);
    long found =
        second == null
            ? library.encode(handle, first, addSpecial)
            : library.encodeDual(handle, first, second, addSpecial);
    try {
      int[] ids = ints(library.getTokenIds(found));
      int[] sequences = ints(library.getSequenceIds(found));
      int[][] spans = spans(library.getTokenCharSpans(found), sequences, first, second);
      return new Encoding(
          ids,
          ints(library.getTypeIds(found)),
          spans[0],
          spans[1],
          ints(library.getWordIds(found)),
          sequences,
          flags(library.getSpecialTokenMask(found)),
          0);
    } finally {
      library.deleteEncoding(found);
      Reference.reachabilityFence(this);
    }
  }

  String decode(int[] ids, boolean skipSpecial) {
    long[] wide = new long[ids.length];
    for (int i = 0; i < ids.length; i++) {
      wide[i] = ids[i];
    }
    try {
      return TokenizersLibrary.LIB.decode(handle, wide, skipSpecial);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  private static int[][] spans(
      @Nullable CharSpan[] found, int[] sequences, String first, @Nullable String second) {
    int[][] units = {Utf16.indices(first), second == null ? null : Utf16.indices(second)};
    int[] starts = new int[found.length];
    int[] ends = new int[found.length];
    for (int i = 0; i < found.length; i++) {
      CharSpan span = found[i];
      if (span == null) {
        continue;
      }
      int @Nullable [] at = units[Math.max(0, sequences[i])];
      starts[i] = at == null ? span.getStart() : at[span.getStart()];
      ends[i] = at == null ? span.getEnd() : at[span.getEnd()];
    }
    return new int[][] {starts, ends};
  }

  private static int[] ints(long[] values) {
    int[] out = new int[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (int) values[i];
    }
    return out;
  }

  private static boolean[] flags(long[] values) {
    boolean[] out = new boolean[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = values[i] != 0;
    }
    return out;
  }
}
