package dev.luthier.train.listener;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.luthier.train.TrainingException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;

/**
 * A file that says how often which recipe has looked at which validation data: the SHA-256 of the
 * data, below it the SHA-256 of each recipe with its number of looks. Runs at the same time take
 * turns.
 *
 * @param file where it lies; made with the first entry
 */
public record ValidationLedger(Path file) {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** The looks at these data, by recipe. */
  public Map<String, Long> looks(String validation) {
    if (!Files.exists(file)) {
      return Map.of();
    }
    try {
      return read(Files.readAllBytes(file)).getOrDefault(validation, new TreeMap<>());
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /**
   * Notes that a recipe has looked so often, unless more is known already.
   *
   * @return how many recipes have looked at these data, this one included
   */
  public int note(String validation, String recipe, long looks) {
    try (FileChannel channel =
            FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        FileLock alone = channel.lock()) {
      byte[] there = Channels.newInputStream(channel).readAllBytes();
      TreeMap<String, TreeMap<String, Long>> all = read(there);
      TreeMap<String, Long> of = all.computeIfAbsent(validation, v -> new TreeMap<>());
      of.merge(recipe, looks, Math::max);
      ByteBuffer text = ByteBuffer.wrap(JSON.writeValueAsBytes(all));
      channel.position(0);
      while (text.hasRemaining()) {
        int unused = channel.write(text);
      }
      channel.truncate(channel.position());
      return of.size();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private static TreeMap<String, TreeMap<String, Long>> read(byte[] text) throws IOException {
    return text.length == 0
        ? new TreeMap<>()
        : JSON.readValue(text, new TypeReference<TreeMap<String, TreeMap<String, Long>>>() {});
  }

  private TrainingException unreadable(IOException e) {
    return new TrainingException(
        file
            + ", in which looks at the validation data are counted, cannot be read or written: "
            + e.getMessage()
            + ". Put it right, or name another file (watch: validation-budget.ledger).",
        e);
  }
}
