package dev.luthier.run.plan;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.luthier.train.group.GroupFacts;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a run will do and need.
 *
 * @param recipe its text, with every default
 * @param recipeSha256 of that text
 * @param notes what a person should know of the model and the data
 * @param model how large it is
 * @param groups of parameters that are updated alike
 * @param data how many examples there are, by split
 * @param course of the training
 * @param work its arithmetic
 * @param memory it will hold
 * @param disk it will take
 * @param before what is run first: stages, and the recipe without them
 */
@JsonNaming(PropertyNamingStrategies.KebabCaseStrategy.class)
public record Plan(
    String recipe,
    String recipeSha256,
    List<String> notes,
    ModelSize model,
    List<Group> groups,
    Map<String, Integer> data,
    Steps course,
    Work work,
    MemoryPlan memory,
    DiskPlan disk,
    List<Before> before) {

  /** The most memory at any time, in all runs. */
  public long peak() {
    return Math.max(memory.peak(), before.stream().mapToLong(Before::memoryPeak).max().orElse(0));
  }

  /** The disk space of all runs. */
  public long diskInAll() {
    return disk.total() + before.stream().mapToLong(Before::disk).sum();
  }

  /** The least time of all runs. */
  public double secondsInAll() {
    return work.secondsAtLeast() + before.stream().mapToDouble(Before::secondsAtLeast).sum();
  }

  /**
   * A run that is made before the recipe's own.
   *
   * @param name of it
   * @param steps it makes
   * @param memoryPeak the most bytes of memory at any time
   * @param disk the bytes it leaves
   * @param secondsAtLeast as of {@link Work}
   */
  @JsonNaming(PropertyNamingStrategies.KebabCaseStrategy.class)
  public record Before(String name, long steps, long memoryPeak, long disk, double secondsAtLeast) {
    static Before of(String name, Plan plan) {
      return new Before(
          name,
          plan.course().steps(),
          plan.memory().peak(),
          plan.disk().total(),
          plan.work().secondsAtLeast());
    }
  }

  /**
   * The size of the model.
   *
   * @param parameters numbers in the network, adapters included
   * @param trainable of these
   * @param added of these, those that adaptations have added
   * @param optimizerStateBytes what the optimizer keeps between steps
   * @param parts parameters by part of the network
   */
  @JsonNaming(PropertyNamingStrategies.KebabCaseStrategy.class)
  public record ModelSize(
      long parameters,
      long trainable,
      long added,
      long optimizerStateBytes,
      Map<String, PartSize> parts) {}

  /**
   * The size of a part of the network.
   *
   * @param parameters in it
   * @param trainable of these
   */
  public record PartSize(long parameters, long trainable) {}

  /**
   * Parameters that are updated alike.
   *
   * @param name of the group
   * @param tensors in it
   * @param parameters in it
   * @param rateFactor what the optimizer's learning rate is multiplied by
   * @param rate the peak learning rate; null where the optimizer has several
   * @param weightDecay what decays them; null where the optimizer has several
   * @param words the same in words
   */
  @JsonNaming(PropertyNamingStrategies.KebabCaseStrategy.class)
  public record Group(
      String name,
      int tensors,
      long parameters,
      double rateFactor,
      @Nullable Double rate,
      @Nullable Double weightDecay,
      String words) {
    static Group of(GroupFacts g) {
      return new Group(
          g.name(), g.tensors(), g.parameters(), g.rateFactor(), g.rate(), g.decay(), g.words());
    }
  }

  /**
   * The course of the training.
   *
   * @param steps in all
   * @param stepsPerEpoch of one pass over the data
   * @param tokens that are learnt from, each as often as it is seen
   * @param largestBatchTokens tokens of the batch that needs the most memory
   * @param largestBatchLongest its longest sequence
   * @param checkpoints that are written
   * @param evaluations on the validation data
   */
  @JsonNaming(PropertyNamingStrategies.KebabCaseStrategy.class)
  public record Steps(
      long steps,
      long stepsPerEpoch,
      long tokens,
      long largestBatchTokens,
      int largestBatchLongest,
      long checkpoints,
      long evaluations) {}

  /**
   * The arithmetic: products of matrices, a multiplication and an addition counting two.
   *
   * @param trainingOperations forward and backward, without what frozen parts save
   * @param evaluationOperations of all evaluations, before, during and after training
   * @param matmulRate operations a second in a product of matrices of the model's shapes, measured
   *     now on this machine
   * @param secondsAtLeast an estimate: all operations at that rate; everything that is not a
   *     product of matrices comes on top
   */
  @JsonNaming(PropertyNamingStrategies.KebabCaseStrategy.class)
  public record Work(
      double trainingOperations,
      double evaluationOperations,
      double matmulRate,
      double secondsAtLeast) {}
}
