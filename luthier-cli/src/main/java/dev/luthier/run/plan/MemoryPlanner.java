package dev.luthier.run.plan;

import dev.luthier.run.Recipe;
import dev.luthier.tensor.DType;
import dev.luthier.train.frozen.FrozenPrefix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Adds up what a run holds at the same time.
 *
 * <p>A step's backward pass frees activations while gradients come into being, and an evaluation
 * frees all it made, but the C library keeps freed memory for later, in pieces that larger tensors
 * do not fit. What was ever held is therefore held on: weights, gradients, optimizer state, the
 * activations of the fullest batch and the evaluation before training are added. What passes in a
 * layer lies between what is kept of it, and the next layer's tensors do not fit into the holes: of
 * the fullest layer it is counted once more. Measured on encoders and decoders, the holes were one
 * to three times that.
 */
final class MemoryPlanner {
  private static final long FLOAT = 4;

  /**
   * Bytes for each number of a bfloat16 matrix that is updated: it and its gradient in float32, the
   * random bits, these as whole numbers, and the rounded matrix.
   */
  private static final long ROUNDING = 4 + 4 + 2 + 4 + 2;

  private final Subject subject;
  private final JavaProcess process = JavaProcess.here();
  private final long weights;
  private final long copies;
  private final long factors;
  private final long gradients;
  private final long optimizer;
  private final long frozenStates;
  private BatchShape fullest;
  private long activations;
  private long holes;

  MemoryPlanner(Subject subject) {
    this.subject = subject;
    long originals = subject.separate() ? subject.trainedOfBase() : 0;
    this.weights = subject.weightBytes() + FLOAT * originals;
    this.copies = subject.copies() * FLOAT * subject.after().trainable();
    this.factors = subject.factorBytes();
    this.gradients = gradients();
    this.frozenStates = frozenStates();
    this.optimizer = subject.optimizerBytes();
    this.fullest = subject.course().steps().get(0).get(0);
    follow();
  }

  /** If they are dropped in the backward pass, one is used while the next is made. */
  private long gradients() {
    if (!subject.updated().optimizer().needsGradients()) {
      return 0;
    }
    LongStream each =
        subject.updated().parameters().values().stream().mapToLong(subject::gradientBytes);
    return subject.run().recipe().train().memory().updateInBackward()
        ? 2 * each.max().orElse(0)
        : each.sum();
  }

  /** What the frozen lowest layers give for the training examples, as far as it is in memory. */
  private long frozenStates() {
    long all = FLOAT * subject.walk().parts().width() * subject.run().train().data().tokens();
    return subject.layersRunOnce() > 0 ? Math.min(FrozenPrefix.IN_MEMORY, all) : 0;
  }

  /** What an update of a weight that is no float32 makes, when all activations are gone. */
  private long updating() {
    return subject.trained().stream()
        .filter(p -> p.value().dtype() == DType.BF16)
        .mapToLong(p -> ROUNDING * p.count())
        .max()
        .orElse(0);
  }

  private void follow() {
    activations = updating();
    boolean differentiated = subject.updated().optimizer().needsGradients();
    int more = subject.run().recipe().objective().passes().held() - 1;
    for (List<BatchShape> parts : subject.course().steps()) {
      for (BatchShape part : parts) {
        NetworkWalk.Cost cost =
            differentiated ? subject.walk().training(part) : subject.walk().evaluation(part);
        holes = Math.max(holes, cost.passing());
        long all = cost.peak() + (differentiated ? more * cost.kept() : 0);
        if (all > activations) {
          activations = all;
          fullest = part;
        }
      }
    }
  }

  /** The part of a batch that needs the most. */
  BatchShape fullest() {
    return fullest;
  }

  MemoryPlan plan(Path model) throws IOException {
    long programs = process.program() + process.heap();
    long original = FLOAT * subject.before().parameters();
    long file = loaded(model);
    boolean staged = !subject.run().recipe().before().isEmpty();
    long beside = staged && subject.isCompared() ? original : 0;
    long asking = most(subject.askedBefore()) + beside;
    long later = Math.max(most(subject.validated()), most(subject.askedAfter()));
    long state = weights + copies + factors + gradients + optimizer + frozenStates;
    List<Amount> phases = new ArrayList<>();
    phases.add(new Amount("loading", programs + original + file, "weights and checkpoint"));
    if (asking > 0) {
      phases.add(new Amount("asking the base model", programs + original + asking, ""));
    }
    String left = asking > 0 ? "and what asking the base model left" : "";
    phases.add(new Amount("training", programs + state + asking + activations + holes, left));
    if (later > 0) {
      long room = Math.max(asking + activations + holes, later);
      phases.add(new Amount("evaluating", programs + state + room, "in the same room"));
    }
    long evaluation = Math.max(asking, later);
    return MemoryPlan.of(components(file, evaluation), phases, process.maxHeap());
  }

  private List<Amount> components(long file, long evaluation) {
    return List.of(
        new Amount("program", process.program(), "virtual machine and engine"),
        new Amount(
            "java heap",
            process.heap(),
            String.format(Locale.ROOT, "of at most %,d MiB", process.maxHeap() >> 20)),
        new Amount("weights", weights, subject.kinds()),
        new Amount("copies of weights", copies, "of the objective, or for what watches the run"),
        new Amount("rounded weights", factors, "for the products of a step"),
        new Amount("gradients", gradients, "of what is trained"),
        new Amount("optimizer state", optimizer, "of what is trained"),
        new Amount("frozen states", frozenStates, "what frozen layers give, for later epochs"),
        new Amount(
            "activations",
            activations,
            String.format(
                Locale.ROOT,
                "%d sequences, %,d tokens, the longest of %d",
                fullest.sequences(),
                fullest.tokens(),
                fullest.longest())),
        new Amount("holes", holes, "what lay between the kept tensors of a layer"),
        new Amount("evaluation", evaluation, "the fullest batch, nothing kept"),
        new Amount("loading", file, "the mapped checkpoint"));
  }

  private long most(List<BatchShape> batches) {
    return batches.stream().mapToLong(b -> subject.walk().evaluation(b).peak()).max().orElse(0);
  }

  /** The mapped files and the largest tensor's copy on its way to its parameter. */
  private long loaded(Path model) throws IOException {
    if (subject.run().recipe().weights() == Recipe.Weights.RANDOM) {
      return 0;
    }
    long sum = FLOAT * subject.before().largest();
    try (Stream<Path> files = Files.list(model)) {
      for (Path f : files.filter(f -> f.toString().endsWith(".safetensors")).toList()) {
        sum += Files.size(f);
      }
    }
    return sum;
  }
}
