package dev.luthier.train.listener;

import static com.squareup.wire.ProtoAdapter.BYTES;
import static com.squareup.wire.ProtoAdapter.DOUBLE;
import static com.squareup.wire.ProtoAdapter.FLOAT;
import static com.squareup.wire.ProtoAdapter.INT32;
import static com.squareup.wire.ProtoAdapter.INT64;
import static com.squareup.wire.ProtoAdapter.STRING;

import com.squareup.wire.ProtoWriter;
import dev.luthier.train.Listener;
import dev.luthier.train.TrainingException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import okio.Buffer;
import okio.ByteString;

/**
 * Writes TensorBoard event files: TFRecord frames (length, masked CRC32C, data, masked CRC32C) of
 * {@code tensorflow.Event} messages with scalar summaries. A resumed run opens a new file, whose
 * first record tells TensorBoard to drop later points of older files.
 */
public final class TensorBoardLog implements Listener {
  private static final int MASK_DELTA = 0xa282ead8;

  private final Path folder;
  private Path file;

  /** Logs into the given folder. */
  public TensorBoardLog(Path folder) {
    this.folder = folder;
    this.file = folder;
  }

  @Override
  public void started(RunInfo run) {
    try {
      Files.createDirectories(folder);
      file =
          folder.resolve(
              String.format(Locale.ROOT, "events.out.tfevents.%010d.luthier", run.start()));
      Files.deleteIfExists(file);
      append(event -> STRING.encodeWithTag(event, 3, "brain.Event:2"));
      if (run.start() > 0) {
        ByteString session = message(m -> INT32.encodeWithTag(m, 1, 1));
        append(
            event -> {
              INT64.encodeWithTag(event, 2, run.start() + 1);
              BYTES.encodeWithTag(event, 7, session);
            });
      }
    } catch (IOException e) {
      throw TrainingException.unwritable(folder, e);
    }
  }

  @Override
  public Wish stepped(StepReport r) {
    Map<String, Double> values = new TreeMap<>();
    values.put("train/loss", r.loss());
    values.put("train/gradient-norm", r.gradientNorm());
    values.put("train/rate-factor", r.rateFactor());
    r.scalars().forEach((k, v) -> values.put("train/" + k, v));
    write(r.step() + 1, values);
    return Wish.NONE;
  }

  @Override
  public Wish evaluated(Evaluation e) {
    Map<String, Double> values = new TreeMap<>();
    e.scores().forEach((k, v) -> values.put("validation/" + k, v));
    write(e.step(), values);
    return Wish.NONE;
  }

  @Override
  public void measured(Measurement m) {
    Map<String, Double> values = new TreeMap<>();
    m.layers()
        .forEach((layer, of) -> of.forEach((k, v) -> values.put("layers/" + k + "/" + layer, v)));
    write(m.step(), values);
  }

  private void write(long step, Map<String, Double> values) {
    try {
      ByteString summary =
          message(
              m -> {
                for (Map.Entry<String, Double> e : values.entrySet()) {
                  BYTES.encodeWithTag(m, 1, value(e.getKey(), e.getValue()));
                }
              });
      append(
          event -> {
            INT64.encodeWithTag(event, 2, step);
            BYTES.encodeWithTag(event, 5, summary);
          });
    } catch (IOException e) {
      throw TrainingException.unwritable(file, e);
    }
  }

  private static ByteString value(String tag, double value) throws IOException {
    return message(
        m -> {
          STRING.encodeWithTag(m, 1, tag);
          FLOAT.encodeWithTag(m, 2, (float) value);
        });
  }

  /** Adds an event of now. */
  private void append(Fields fields) throws IOException {
    ByteString event =
        message(
            out -> {
              DOUBLE.encodeWithTag(out, 1, seconds());
              fields.write(out);
            });
    byte[] data = event.toByteArray();
    byte[] length =
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(data.length).array();
    ByteBuffer frame =
        ByteBuffer.allocate(16 + data.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put(length)
            .putInt(masked(length))
            .put(data)
            .putInt(masked(data));
    try (OutputStream out =
        Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      out.write(frame.array());
    }
  }

  private static int masked(byte[] data) {
    CRC32C crc = new CRC32C();
    crc.update(data);
    return Integer.rotateRight((int) crc.getValue(), 15) + MASK_DELTA;
  }

  private static double seconds() {
    return System.currentTimeMillis() / 1000.0;
  }

  /** What a message holds, field by field. */
  private interface Fields {
    void write(ProtoWriter out) throws IOException;
  }

  private static ByteString message(Fields fields) throws IOException {
    Buffer bytes = new Buffer();
    fields.write(new ProtoWriter(bytes));
    return bytes.readByteString();
  }
}
