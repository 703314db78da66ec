package dev.luthier.cli;

/** What a run is made of: a model and the recipe's lines that matter. Rows mix many techniques. */
enum ResumedRun {
  ALL_WEIGHTS(
      "bert-sequence-classification",
      """
      task: sequence-classification
      %s
      adapt: [full]
      objective: {cross-entropy: {smoothing: 0.1, class-weights: {labels: {good: 2}}}}
      optimizer: {adamw: {lr: 1e-2}}
      schedule: {constant: {warmup: 0.1}}
      train: {batch: 8, order: random, precision: float32}
      """
          .formatted(ResumedRun.LABELLED)),
  LORA_IN_PACKS(
      "bert-sequence-classification",
      """
      task: sequence-classification
      %s
      adapt: [{lora: {r: 4, alpha: 8, dropout: 0.2}}]
      optimizer: {chain: {links: [{clip-norm: {max: 0.5}}, {adamw: {lr: 1e-2}}]}}
      schedule: {cosine: {warmup: 0.2}}
      train: {order: packed, batch-tokens: 60, micro-batch: 3}
      """
          .formatted(ResumedRun.LABELLED)),
  UPPER_LAYERS(
      "bert-sequence-classification-regression",
      """
      task: sequence-regression
      data: {train: {file: scores.csv, text: body, label: score}}
      adapt: [{freeze: {layers: [0], embeddings: true}}]
      objective: mse
      optimizer: {adamw: {lr: 1e-2}}
      schedule: {linear: {warmup: 0.1}}
      train: {batch: 8, order: longest-first}
      """),
  PROBE_WITH_EARLY_STOPPING(
      "distilbert-sequence-classification",
      """
      task: sequence-classification
      data: {train: {file: train.csv, text: body, label: intent}, split: {validation: 12}}
      adapt: [linear-probe]
      optimizer: {adamw: {lr: 1e-2}}
      train: {batch: 8, order: similar-length, evaluate-every: 3, early-stopping: {patience: 40}}
      watch: [validation-budget, overfitting, {layers: {every: 4, window: 3}}]
      """),
  MASKED_WORDS(
      "bert-masked-lm",
      """
      task: masked-language-modelling
      data: {train: {file: train.csv, text: body}}
      optimizer: {adamw: {lr: 1e-2}}
      train: {batch: 8, micro-batch: 5}
      """),
  DISTILLED(
      "bert-encoder",
      """
      task: embedding-distillation
      data: {train: {file: vectors.jsonl, text: text, label: vector}}
      objective: embedding-distance
      optimizer: {adamw: {lr: 1e-2}}
      train: {batch: 8}
      """),
  GROWING_IMAGES(
      "vit-image-classification",
      """
      task:
        image-classification:
          sizes: {progressive-resizing: {from: 8, epochs: 2}}
          augment: [horizontal-flip, {random-resized-crop: {least: 0.4}}]
      data: {train: {file: images.csv, image: file, label: shape}}
      optimizer: {adamw: {lr: 1e-2}}
      train: {batch: 8, micro-batch: 3, layer-decay: 0.9}
      """),
  NEXT_WORDS(
      "",
      """
      task: causal-language-modelling
      data: {train: {file: sums.jsonl, prompt: question, completion: answer}}
      adapt: [{lora: {r: 4, alpha: 8}}]
      optimizer: {adamw: {lr: 1e-2}}
      train: {batch: 8, micro-batch: 3, order: random}
      """),
  SOURCES_AND_TARGETS(
      "t5",
      """
      task: sequence-to-sequence
      data: {train: {file: sums.jsonl, prompt: question, completion: answer}}
      optimizer: {adamw: {lr: 1e-2}}
      train: {batch: 8, micro-batch: 3}
      """),
  NORMS_AND_CAPS(
      "",
      """
      task: causal-language-modelling
      data: {train: {file: sums.jsonl, prompt: question, completion: answer}}
      adapt: [{train-stability: {attention: qkv-norm, norm-outputs: true}}, full]
      optimizer: {adamw: {lr: 1e-2}}
      train: {batch: 8, memory: {checkpoint-activations: true}}
      watch: [{layers: {every: 4, window: 3, linears: true}}]
      """),
  CAPPED_SCORES(
      "bert-sequence-classification",
      """
      task: sequence-classification
      %s
      adapt: [{train-stability: {cap: 2}}, {lora: {r: 4, alpha: 8}}]
      optimizer: {adamw: {lr: 1e-2}}
      train: {batch: 8, precision: bfloat16, micro-batch: 3}
      """
          .formatted(ResumedRun.LABELLED)),
  LAYERS_RUN_AGAIN(
      "",
      """
      task: causal-language-modelling
      data: {train: {file: sums.jsonl, prompt: question, completion: answer}}
      optimizer: {adamw: {lr: 1e-2}}
      train: {batch: 8, memory: {checkpoint-activations: true}}
      """),
  UPDATED_IN_THE_BACKWARD_PASS(
      "bert-sequence-classification",
      """
      task: sequence-classification
      %s
      optimizer: {adamw: {lr: 1e-2}}
      train: {batch: 8, clip-norm: 0, memory: {update-in-backward: true}}
      """
          .formatted(ResumedRun.LABELLED)),
  ROUNDED_AT_RANDOM(
      "bert-sequence-classification",
      """
      task: sequence-classification
      %s
      optimizer: {adamw: {lr: 1e-2}}
      train: {batch: 8, precision: {bfloat16: {master-weights: false}}}
      """
          .formatted(ResumedRun.LABELLED)),
  BFLOAT16_LORA(
      "bert-sequence-classification",
      """
      task: sequence-classification
      %s
      adapt: [{lora: {r: 4, alpha: 8}}]
      optimizer: {adamw: {lr: 1e-2}}
      train: {batch: 8, precision: bfloat16}
      """
          .formatted(ResumedRun.LABELLED)),
  ABSOLUTE_ERRORS_NEAR_THE_BEGINNING(
      "bert-sequence-classification-regression",
      """
      task: sequence-regression
      data: {train: {file: scores.csv, text: body, label: score}}
      objective: {mixout: {p: 0.5, of: {l2-sp: {of: mae}}}}
      optimizer: {adamw: {lr: 1e-2}}
      train: {batch: 8, micro-batch: 3, memory: {checkpoint-activations: true}}
      """),
  HUBER_ERRORS_IN_NOISE(
      "bert-sequence-classification-regression",
      """
      task: sequence-regression
      data: {train: {file: scores.csv, text: body, label: score}}
      objective: {r3f: {sigma: 0.1, of: huber}}
      optimizer: {adamw: {lr: 1e-2}}
      train: {batch: 8, micro-batch: 3}
      """),
  TAUGHT_BY_A_TEACHER(
      "bert-sequence-classification",
      """
      task: sequence-classification
      %s
      adapt: [noisy-tune, {lora: {r: 4, alpha: 8}}]
      objective: {smart: {epsilon: 0.1, of: {neftune: {of: {distillation: {teacher: teacher}}}}}}
      optimizer: {adamw: {lr: 1e-2}}
      train: {batch: 8, micro-batch: 3}
      """
          .formatted(ResumedRun.LABELLED)),
  GROUPS_AND_SCHEDULES(
      "bert-sequence-classification",
      """
      task: sequence-classification
      data: {train: {file: train.csv, text: body, label: intent}, split: {validation: 12}}
      objective: {z-loss: {strength: 0.1, of: {dropout: {p: 0.3}}}}
      optimizer: {adamw: {lr: 1e-2}}
      schedule: {plateau: {patience: 0, warmup: 0.1}}
      train:
        batch: 8
        evaluate-every: 2
        layer-decay: 0.8
        groups: [{match: [classifier], lr: 2e-2}, {match: [query, key], weight-decay: 0.3}]
        schedules: {weight-decay: linear, batch: {constant: {warmup: 0.6}}, strength: plateau}
      """),
  WITHOUT_SPIKES(
      "bert-sequence-classification",
      """
      task: sequence-classification
      %s
      optimizer: {adamw: {lr: 1e-2}}
      train: {batch: 8, micro-batch: 3}
      watch: [{instability: {then: skip, threshold: 0.5, window: 6, warm-up: 2, most: 20}}]
      """
          .formatted(ResumedRun.LABELLED)),
  SCALED_LOSS(
      "bert-sequence-classification",
      """
      task: sequence-classification
      %s
      optimizer: {adamw: {lr: 1e-2}}
      train: {batch: 8, precision: {float16: {first-scale: 1e9, growth-interval: 3}}}
      """
          .formatted(ResumedRun.LABELLED));

  /** The data of texts with labels. */
  static final String LABELLED = "data: {train: {file: train.csv, text: body, label: intent}}";

  private final String golden;
  private final String recipe;

  ResumedRun(String golden, String recipe) {
    this.golden = golden;
    this.recipe = recipe;
  }

  /** The golden model it begins with; empty for a small Llama, {@code t5} for a small T5. */
  String golden() {
    return golden;
  }

  /** The lines of the recipe. */
  String recipe() {
    return recipe;
  }
}
