package dev.luthier.run.plan;

import dev.luthier.data.TargetKind;
import dev.luthier.data.batch.EncodedDataset;
import dev.luthier.model.LayerStack;
import dev.luthier.model.nn.Embedding;
import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.run.Prepared;
import dev.luthier.tensor.DType;
import dev.luthier.train.Listener;
import dev.luthier.train.Task;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a plan is made from.
 *
 * @param run model and data, the adaptations applied
 * @param walk counts passes through the model
 * @param course of the training
 * @param before sizes of the model before it was adapted
 * @param after sizes with the adaptations
 * @param updated what the optimizer updates, and what it keeps for that
 * @param separate whether an adapter is saved instead of the model
 */
record Subject(
    Prepared run,
    NetworkWalk walk,
    Course course,
    Planner.Sizes before,
    Planner.Sizes after,
    Updated updated,
    boolean separate) {
  /** The most tokens that are evaluated at once. */
  private static final int EVALUATION_TOKENS = 4096;

  /** The trained tensors. */
  Collection<Parameter> trained() {
    return Modules.parameters(run.model().model()).values().stream()
        .filter(Parameter::trainable)
        .toList();
  }

  /** Bytes of all weights, in the types they are held in. */
  long weightBytes() {
    return Modules.parameters(run.model().model()).values().stream()
        .mapToLong(p -> p.value().bytes())
        .sum();
  }

  /** The types that weights are held in, for people. */
  String kinds() {
    boolean narrow =
        Modules.parameters(run.model().model()).values().stream()
            .anyMatch(p -> p.value().dtype() == DType.BF16);
    return narrow ? "matrices in bfloat16 where the precision says so" : "float32";
  }

  /** Bytes of what products read in place of weights that are not in the products' type. */
  long factorBytes() {
    Set<Parameter> read = new LinkedHashSet<>();
    for (Linear l : Modules.all(run.model().model(), Linear.class).values()) {
      read.addAll(Modules.parameters(l).values());
    }
    read.addAll(walk.parts().multiplied());
    return read.stream().mapToLong(p -> Products.with(p).factorBytes(p)).sum();
  }

  /** Bytes of the optimizer's state. Of a table it may keep the rows that were looked up alone. */
  long optimizerBytes() {
    Set<Parameter> tables = byRows();
    double bytes = updated.kept(p -> !tables.contains(p)).bytes();
    for (Parameter table : tables) {
      long rows = Math.min(table.shape()[0], wordsInData() * 5 / 4); // With room for more.
      double share = rows / (double) table.shape()[0];
      bytes += share * updated.kept(p -> p == table).bytes();
      bytes += 2 * Long.BYTES * table.shape()[0]; // Which rows, and where they are.
    }
    return Math.round(bytes);
  }

  /** The tensors of the optimizer's state. */
  long optimizerTensors() {
    return Math.round(updated.kept(p -> true).tensors());
  }

  /**
   * Bytes of the gradient of a parameter. Of a table it may hold the rows that were looked up
   * alone.
   */
  long gradientBytes(Parameter p) {
    long all = p.value().bytes();
    return byRows().contains(p) ? Math.min(all, mostTokens() * all / p.shape()[0]) : all;
  }

  private long mostTokens() {
    return course.steps().stream()
        .mapToLong(parts -> parts.stream().mapToLong(BatchShape::tokens).sum())
        .max()
        .orElse(0);
  }

  /**
   * Copies of all trained weights: of objectives, of who watches layers, and beside an optimizer
   * without a backward pass where a batch may be refused.
   */
  int copies() {
    List<Listener> watch = run.recipe().watch();
    boolean watched = watch.stream().anyMatch(Listener::copiesWeights);
    boolean held =
        !updated.optimizer().needsGradients() && watch.stream().anyMatch(Listener::refuses);
    return run.recipe().objective().passes().copies() + (watched ? 1 : 0) + (held ? 1 : 0);
  }

  /** The tables of which the optimizer updates the rows that were looked up. */
  private Set<Parameter> byRows() {
    Set<Parameter> tables = new LinkedHashSet<>();
    if (updated.optimizer().readsRows()) {
      Modules.all(run.model().model(), Embedding.class)
          .values()
          .forEach(e -> tables.add(e.weight()));
      Modules.all(run.model().model(), Linear.class)
          .values()
          .forEach(l -> tables.removeAll(Modules.parameters(l).values()));
      tables.removeIf(t -> !t.trainable());
    }
    return tables;
  }

  private long wordsInData() {
    return run.train().data().examples().stream()
        .flatMapToInt(e -> Arrays.stream(e.ids()))
        .distinct()
        .count();
  }

  /** Numbers of the model itself that are trained though an adapter is saved: a new head. */
  long trainedOfBase() {
    return Modules.ownParameters(run.model().model()).values().stream()
        .distinct()
        .filter(Parameter::trainable)
        .mapToLong(Parameter::count)
        .sum();
  }

  /**
   * How many of the lowest layers run once for each example, in all epochs together; none where
   * another epoch may show an example otherwise.
   */
  int layersRunOnce() {
    LayerStack stack = run.model().model().stack();
    boolean again = course.steps().size() > course.stepsPerEpoch();
    boolean texts = !(run.recipe().task() instanceof Task.OfImages);
    return stack != null && again && texts && run.recipe().train().memory().cacheFrozen()
        ? stack.frozen()
        : 0;
  }

  /** Whether the model is compared with its base on test data. */
  boolean isCompared() {
    return run.test() != null && (run.recipe().task() instanceof Task.Scored || isPerToken());
  }

  /** Whether the model is judged token by token. */
  boolean isPerToken() {
    return run.recipe().task() instanceof Task.PerToken;
  }

  /** The batches in which the base model is asked, before training. */
  List<BatchShape> askedBefore() {
    List<BatchShape> out = new ArrayList<>();
    if (isCompared()) {
      out.addAll(askedAfter());
      boolean embeds =
          !run.model().report().drawn().isEmpty()
              && run.recipe().task().targetKind() == TargetKind.ONE_LABEL;
      if (embeds) {
        out.addAll(evaluation(run.train().data()));
      }
    }
    return out;
  }

  /** The batches of one evaluation on the validation data: for the loss, and to score. */
  List<BatchShape> validated() {
    List<BatchShape> out = new ArrayList<>();
    if (run.validation() != null) {
      out.addAll(evaluation(run.validation().data()));
      boolean lossToo =
          !isPerToken() || !run.recipe().objective().equals(run.recipe().task().objective());
      boolean scored = run.recipe().task() instanceof Task.Scored || isPerToken();
      if (scored && lossToo) {
        out.addAll(evaluation(run.validation().data()));
      }
    }
    return out;
  }

  /** The batches in which the tuned model is asked. */
  List<BatchShape> askedAfter() {
    return run.test() != null && isCompared() ? evaluation(run.test().data()) : List.of();
  }

  private static List<BatchShape> evaluation(EncodedDataset data) {
    return BatchShape.ofEvaluation(BatchShape.sequences(data), EVALUATION_TOKENS);
  }
}
