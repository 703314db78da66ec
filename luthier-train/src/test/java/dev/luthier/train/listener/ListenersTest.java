package dev.luthier.train.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.testing.Proves;
import dev.luthier.train.Listener.Evaluation;
import dev.luthier.train.Listener.RunInfo;
import dev.luthier.train.Listener.StepReport;
import dev.luthier.train.Listener.Verdict;
import dev.luthier.train.Listener.Wish;
import dev.luthier.train.TrainSpec.EarlyStoppingSpec;
import dev.luthier.train.TrainSpec.Mode;
import dev.luthier.train.TrainingException;
import dev.luthier.train.checkpoint.AtomicFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ListenersTest {
  @TempDir Path folder;

  private static Evaluation evaluation(long step, double score) {
    return new Evaluation(step, step, Map.of("accuracy", score));
  }

  private static StepReport step(long n) {
    return new StepReport(n, n / 10.0, 2.5, Map.of(), 1, 0.5, 32, 400, 1_000_000, Verdict.UPDATE);
  }

  private static EarlyStopping accuracy(int patience, double minDelta) {
    return new EarlyStopping(new EarlyStoppingSpec("accuracy", patience, minDelta, Mode.MAX), true);
  }

  @Test
  @Proves("reg-early-stopping")
  void stops_at_the_expected_evaluation_of_a_scripted_curve() {
    EarlyStopping stopping = accuracy(2, 0.01);
    assertThat(stopping.evaluated(evaluation(1, 0.5))).isEqualTo(Wish.KEEP_BEST);
    assertThat(stopping.evaluated(evaluation(2, 0.505))).isEqualTo(Wish.NONE);
    assertThat(stopping.evaluated(evaluation(3, 0.52))).isEqualTo(Wish.KEEP_BEST);
    assertThat(stopping.evaluated(evaluation(4, 0.51))).isEqualTo(Wish.NONE);
    assertThat(stopping.evaluated(evaluation(5, 0.525))).isEqualTo(Wish.STOP);
  }

  @Test
  void a_log_that_cannot_be_written_is_named_with_what_to_do() throws IOException {
    Path file = Files.createDirectory(folder.resolve("metrics.jsonl"));
    MetricsLog metrics = new MetricsLog(file);
    assertThatThrownBy(() -> metrics.stepped(step(0)))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining(file + " cannot be written: ")
        .hasMessageContaining("make room and run again with --resume");
    TensorBoardLog board = new TensorBoardLog(folder.resolve("tensorboard"));
    board.started(new RunInfo(0, 10, 5, 32));
    AtomicFolder.delete(folder.resolve("tensorboard"));
    assertThatThrownBy(() -> board.stepped(step(0)))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("tfevents");
  }

  @Test
  void remembers_its_patience_across_a_resume() {
    EarlyStopping first = accuracy(2, 0);
    first.evaluated(evaluation(1, 0.5));
    first.evaluated(evaluation(2, 0.4));
    EarlyStopping resumed = accuracy(2, 0);
    resumed.restore(first.state());
    assertThat(resumed.evaluated(evaluation(3, 0.45))).isEqualTo(Wish.STOP);
  }

  @Test
  void watching_a_metric_that_is_not_evaluated_is_an_error_that_names_those_that_are() {
    EarlyStopping stopping = new EarlyStopping(new EarlyStoppingSpec(), false);
    assertThatThrownBy(() -> stopping.evaluated(evaluation(1, 0.5)))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("'loss'")
        .hasMessageContaining("Evaluated: accuracy");
  }

  @Test
  void metrics_file_drops_what_a_resumed_run_makes_again() throws IOException {
    Path file = folder.resolve("metrics.jsonl");
    MetricsLog log = new MetricsLog(file);
    log.started(new RunInfo(0, 10, 10, 320));
    for (int i = 0; i < 4; i++) {
      log.stepped(step(i));
    }
    Files.writeString(file, Files.readString(file) + "{\"step\": 5, \"lo");
    MetricsLog resumed = new MetricsLog(file);
    resumed.started(new RunInfo(2, 10, 10, 320));
    resumed.stepped(step(2));
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(3);
    assertThat(lines.get(2)).startsWith("{\"step\":3,").contains("\"loss\":2.5");
  }

  @Test
  void tensorboard_frames_carry_their_lengths_and_checksums() throws IOException {
    TensorBoardLog log = new TensorBoardLog(folder);
    log.started(new RunInfo(0, 10, 10, 320));
    log.stepped(step(0));
    log.evaluated(evaluation(1, 0.5));
    Path file = folder.resolve("events.out.tfevents.0000000000.luthier");
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int frames = 0;
    while (in.hasRemaining()) {
      long length = in.getLong();
      in.getInt();
      in.position(in.position() + (int) length + 4);
      frames++;
    }
    assertThat(frames).isEqualTo(3);
    // The frame of "brain.Event:2" begins with its length and that length's masked CRC32C.
    assertThat(bytes[0]).isEqualTo((byte) 24);
    // A point: field 1 the tag, field 2 the value as float32, in the protocol buffers' wire format.
    byte[] tag = "validation/accuracy".getBytes(StandardCharsets.UTF_8);
    ByteBuffer point =
        ByteBuffer.allocate(tag.length + 7)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put((byte) 0x0A)
            .put((byte) tag.length)
            .put(tag)
            .put((byte) 0x15)
            .putFloat(0.5f);
    assertThat(bytes).containsSequence(point.array());
  }
}
