"""The peer of Luthier's fine-tuning benchmark: transformers' Trainer at its defaults on the CPU.

    START_NS=$(date +%s%N) python transformers_sst2.py <model folder> <train.tsv> --steps 120 --warmup 20

Full fine-tuning in float32, batches of 32 in random order, padded to the longest of each batch, AdamW and everything else
as the Trainer sets it; nothing is logged to a service or saved. The data has a text and a label per line, with a tab
between. Set OMP_NUM_THREADS to the threads to compare at. The last line of the output is JSON:

    examples                     trained on after the warm-up steps
    wall_seconds, cpu_seconds    of these steps; CPU is user and system time of all threads of the process
    examples_per_cpu_second      the quotient
    examples_per_second          the same by the clock
    seconds_to_first_step        from START_NS (or, where absent, from this file's first line) to the end of the first update
    peak_rss_mib                 of the process
"""

import os
import time

START = int(os.environ.get("START_NS") or time.time_ns())

import argparse
import json
import resource
import tempfile
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import torch
import transformers
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

BATCH = 32


class Clock(TrainerCallback):
    """Notes the time at the end of the first update, of the warm-up, and of the last step."""

    def __init__(self, warmup):
        self.warmup = warmup
        self.first_step = None
        self.begin = None
        self.end = None

    def on_step_end(self, args, state, control, **kwargs):
        now = time.time_ns(), time.process_time()
        if state.global_step == 1:
            self.first_step = now[0]
        if state.global_step == self.warmup:
            self.begin = now
        self.end = now


def examples_until(step, rows):
    """Examples seen in the first steps; the last batch of an epoch may be smaller."""
    per_epoch = -(-rows // BATCH)
    return step // per_epoch * rows + min(step % per_epoch * BATCH, rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--steps", type=int, default=120, help="updates in all, warm-up included")
    parser.add_argument("--warmup", type=int, default=20, help="updates before the measurement begins")
    parser.add_argument("--max-length", type=int, default=128, help="tokens")
    options = parser.parse_args()
    if not 1 <= options.warmup < options.steps:
        parser.error("the warm-up must be at least one step and shorter than the whole")

    lines = [line.rsplit("\t", 1) for line in options.data.read_text(encoding="utf-8").splitlines() if line]
    names = sorted({label for _, label in lines})
    tokenizer = AutoTokenizer.from_pretrained(options.model)
    encoded = tokenizer([text for text, _ in lines], truncation=True, max_length=options.max_length)
    rows = [
        {**{key: values[row] for key, values in encoded.items()}, "labels": names.index(label)}
        for row, (_, label) in enumerate(lines)
    ]
    model = AutoModelForSequenceClassification.from_pretrained(
        options.model, num_labels=len(names), dtype=torch.float32
    )
    clock = Clock(options.warmup)
    folder = tempfile.TemporaryDirectory()
    settings = TrainingArguments(
        folder.name,
        per_device_train_batch_size=BATCH,
        max_steps=options.steps,
        use_cpu=True,
        report_to="none",
        logging_strategy="no",
        save_strategy="no",
        disable_tqdm=True,
    )
    collator = DataCollatorWithPadding(tokenizer)
    trainer = Trainer(model, settings, collator, train_dataset=rows, processing_class=tokenizer, callbacks=[clock])
    trainer.train()

    wall, cpu = (clock.end[0] - clock.begin[0]) / 1e9, clock.end[1] - clock.begin[1]
    examples = examples_until(options.steps, len(rows)) - examples_until(options.warmup, len(rows))
    result = dict(
        peer=f"transformers {transformers.__version__}, torch {torch.__version__}",
        threads=torch.get_num_threads(),
        steps=options.steps - options.warmup,
        examples=examples,
        wall_seconds=round(wall, 3),
        cpu_seconds=round(cpu, 3),
        examples_per_cpu_second=round(examples / cpu, 3),
        examples_per_second=round(examples / wall, 3),
        seconds_to_first_step=round((clock.first_step - START) / 1e9, 3),
        peak_rss_mib=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    )
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
