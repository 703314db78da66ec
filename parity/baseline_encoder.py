"""The recipe by which an encoder fine-tuned with transformers and peft reaches its reference accuracy.

    python baseline_encoder.py <model folder> <train file> <test file> --method full --epochs 5 --rate 3e-4 --seeds 0 1 2

Files are .tsv (text, tab, label), .csv with a header (text, then label), or the .json of CLINC150, whose split is named after
a colon: data_full.json:train. Batches of 32 grouped by length, AdamW, linear decay after 10 % warm-up, weight decay 0.01,
gradients clipped at 1.0, dropout of the checkpoint, 128 tokens, float32. LoRA: rank 8, alpha 16, no dropout, on query, key,
value and every dense layer of the encoder; pooler and classifier are trained in full. Prints the accuracy on the test file
after the last epoch, per seed, with mean and standard deviation.

| data | method | epochs | rate |
|---|---|---|---|
| BANKING77 | full | 5 | 3e-4 |
| BANKING77 | lora | 5 | 2e-3 |
| SST-2 | full | 3 | 1e-4 |
| SST-2 | lora | 3 | 2e-3 |
| CLINC150 (150 intents, without out-of-scope rows) | full | 5 | 3e-4 |
| CLINC150 | lora | 5 | 2e-3 |
"""

import argparse
import csv
import json
import os
import statistics
import tempfile

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from peft import LoraConfig, get_peft_model
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    Trainer,
    TrainingArguments,
    set_seed,
)


def rows_of(name):
    """Texts and labels of a file of one of the three kinds."""
    path, _, split = name.partition(":")
    with open(path, encoding="utf-8", newline="") as file:
        if path.endswith(".json"):
            return [tuple(row) for row in json.load(file)[split]]
        if path.endswith(".csv"):
            return [tuple(row[:2]) for row in csv.reader(file)][1:]
        return [tuple(line.rstrip("\r\n").rsplit("\t", 1)) for line in file if line.strip()]


def encode(rows, labels, tokenizer):
    found = tokenizer([text for text, _ in rows], truncation=True, max_length=min(128, tokenizer.model_max_length))
    return [
        {**{key: values[row] for key, values in found.items()}, "labels": labels.index(label)}
        for row, (_, label) in enumerate(rows)
    ]


def with_lora(model):
    settings = LoraConfig(
        task_type="SEQ_CLS",
        r=8,
        lora_alpha=16,
        lora_dropout=0.0,
        target_modules=["query", "key", "value", "dense"],
        exclude_modules=["pooler.dense"],
        modules_to_save=["classifier", "pooler"],
    )
    return get_peft_model(model, settings)


def accuracy(prediction):
    return {"accuracy": float((prediction.predictions.argmax(-1) == prediction.label_ids).mean())}


def run(options, seed, tokenizer, labels, train, test):
    set_seed(seed)
    model = AutoModelForSequenceClassification.from_pretrained(
        options.model, num_labels=len(labels), dtype=torch.float32
    )
    if options.method == "lora":
        model = with_lora(model)
    count = sum(p.numel() for p in model.parameters() if p.requires_grad)
    with tempfile.TemporaryDirectory() as temporary:
        settings = TrainingArguments(
            temporary,
            per_device_train_batch_size=32,
            per_device_eval_batch_size=128,
            num_train_epochs=options.epochs,
            learning_rate=options.rate,
            weight_decay=0.01,
            max_grad_norm=1.0,
            lr_scheduler_type="linear",
            warmup_steps=0.1,
            train_sampling_strategy="group_by_length",
            seed=seed,
            use_cpu=True,
            report_to="none",
            logging_strategy="epoch",
            save_strategy="no",
            disable_tqdm=True,
        )
        collator = DataCollatorWithPadding(tokenizer)
        trainer = Trainer(model, settings, collator, train, test, tokenizer, compute_metrics=accuracy)
        trainer.train()
        value = 100 * trainer.evaluate()["eval_accuracy"]
    print(f"seed {seed}: accuracy {value:.2f} %, {count} trainable parameters", flush=True)
    return value


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("train")
    parser.add_argument("test")
    parser.add_argument("--method", choices=["full", "lora"], required=True)
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options = parser.parse_args()

    tokenizer = AutoTokenizer.from_pretrained(options.model)
    rows = rows_of(options.train)
    labels = sorted({label for _, label in rows})
    train, test = encode(rows, labels, tokenizer), encode(rows_of(options.test), labels, tokenizer)
    values = [run(options, seed, tokenizer, labels, train, test) for seed in options.seeds]
    spread = statistics.stdev(values) if len(values) > 1 else 0.0
    print(f"{options.method}: {statistics.mean(values):.2f} ± {spread:.2f} % over {len(values)} seeds")


if __name__ == "__main__":
    main()
