package dev.luthier.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.testing.Proves;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class ThreadsTest {
  @Test
  @Proves("cpu-finetune")
  void number_of_threads_does_not_change_a_training_step_beyond_rounding() {
    int before = Engine.threads();
    try (Scope s = Scope.open()) {
      List<Tensor> one = step(1);
      for (int threads : new int[] {2, 3}) {
        List<Tensor> several = step(threads);
        for (int i = 0; i < one.size(); i++) {
          double scale = one.get(i).abs().max().item();
          double difference = one.get(i).sub(several.get(i)).abs().max().item();
          assertThat(difference).isLessThan(1e-5 * scale);
        }
      }
    } finally {
      Engine.setThreads(before);
    }
  }

  /** Output and gradients of a layer. */
  private static List<Tensor> step(int threads) {
    Engine.setThreads(threads);
    assertThat(Engine.threads()).isEqualTo(threads);
    return computed();
  }

  private static List<Tensor> computed() {
    Rng.Key key = Rng.Key.of(9);
    Block block = new Block(128, 4, 256, key);
    block.parameters().forEach(p -> p.requireGrad(true));
    Tensor y = block.call(Rng.normal(key.with("x"), 0, 1, 4, 64, 128));
    y.mul(Rng.normal(key.with("probe"), 0, 1, 4, 64, 128)).sum().backward();
    List<Tensor> results = new ArrayList<>(block.parameters().stream().map(Tensor::grad).toList());
    results.add(y);
    return results;
  }

  @Test
  void same_number_of_threads_gives_the_same_bits() {
    int before = Engine.threads();
    try (Scope s = Scope.open()) {
      List<Tensor> first = step(2);
      List<Tensor> again = step(2);
      for (int i = 0; i < first.size(); i++) {
        assertThat(again.get(i).sameAs(first.get(i))).isTrue();
      }
    } finally {
      Engine.setThreads(before);
    }
  }

  @Test
  void every_thread_computes_the_same_bits_and_learns_of_a_change() throws InterruptedException {
    int before = Engine.threads();
    try (Scope s = Scope.open()) {
      for (int threads : new int[] {1, 2}) {
        List<Tensor> here = step(threads);
        List<byte[]> there = new ArrayList<>();
        Thread other =
            new Thread(
                () -> {
                  try (Scope own = Scope.open()) {
                    assertThat(torch.get_num_threads()).isEqualTo(threads);
                    computed().forEach(t -> there.add(t.toBytes()));
                  }
                });
        other.start();
        other.join();
        assertThat(there).hasSameSizeAs(here);
        for (int i = 0; i < there.size(); i++) {
          assertThat(there.get(i)).isEqualTo(here.get(i).toBytes());
        }
      }
    } finally {
      Engine.setThreads(before);
    }
  }
}
