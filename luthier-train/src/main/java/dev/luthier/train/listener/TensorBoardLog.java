package dev.luthier.train.listener;

import dev.luthier.train.Listener;
import dev.luthier.train.TrainingException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

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
      Proto version = new Proto();
      version.fixed64(1, seconds());
      version.bytes(3, "brain.Event:2".getBytes(StandardCharsets.UTF_8));
      append(version);
      if (run.start() > 0) {
        Proto session = new Proto();
        session.varint(1, 1);
        Proto event = new Proto();
        event.fixed64(1, seconds());
        event.varint(2, run.start() + 1);
        event.bytes(7, session.bytes());
        append(event);
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

  private void write(long step, Map<String, Double> values) {
    Proto summary = new Proto();
    values.forEach(
        (tag, v) -> {
          Proto value = new Proto();
          value.bytes(1, tag.getBytes(StandardCharsets.UTF_8));
          value.fixed32(2, v.floatValue());
          summary.bytes(1, value.bytes());
        });
    Proto event = new Proto();
    event.fixed64(1, seconds());
    event.varint(2, step);
    event.bytes(5, summary.bytes());
    try {
      append(event);
    } catch (IOException e) {
      throw TrainingException.unwritable(file, e);
    }
  }

  private void append(Proto event) throws IOException {
    byte[] data = event.bytes();
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

  /** The four kinds of field that an event needs, in protocol buffers' wire format. */
  private static final class Proto {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    void varint(int field, long value) {
      raw((long) field << 3);
      raw(value);
    }

    void fixed64(int field, double value) {
      raw(((long) field << 3) | 1);
      little(Double.doubleToRawLongBits(value), 8);
    }

    void fixed32(int field, float value) {
      raw(((long) field << 3) | 5);
      little(Float.floatToRawIntBits(value), 4);
    }

    void bytes(int field, byte[] value) {
      raw(((long) field << 3) | 2);
      raw(value.length);
      out.writeBytes(value);
    }

    byte[] bytes() {
      return out.toByteArray();
    }

    private void raw(long value) {
      long rest = value;
      while ((rest & ~0x7FL) != 0) {
        out.write((int) ((rest & 0x7F) | 0x80));
        rest >>>= 7;
      }
      out.write((int) rest);
    }

    private void little(long value, int bytes) {
      for (int i = 0; i < bytes; i++) {
        out.write((int) (value >>> (8 * i)));
      }
    }
  }
}
