"""The peers of Luthier's benchmarks: the Trainer of transformers for encoders, the SFTTrainer of TRL for decoders.

    START_NS=$(date +%s%N) python peer.py encoder MODEL train.tsv --method lora --steps 120 --warmup 20 --grouped
    START_NS=$(date +%s%N) python peer.py decoder MODEL train.jsonl --method full --precision float32 --steps 20 --warmup 5
    python peer.py rows MODEL train.tsv

Everything is as the trainers set it by default, on the CPU, but for what the options say; nothing is logged to a service or
saved. An encoder's data are .tsv
(text, tab, label) or .csv with a header (text, then label), at most 128 tokens; a decoder's are .jsonl with question and
answer, of which the answer is learnt, at most 512 tokens; a decoder's weights are random. Methods: full; lora (rank 8, on every
linear layer; an encoder's pooler and head in full); probe (the head alone); last2 (the last two layers, pooler, head).
Set OMP_NUM_THREADS to the threads to compare at. The last line of the output is JSON:

    examples, tokens             trained on after the warm-up steps; padding does not count
    wall_seconds, cpu_seconds    of these steps; CPU is user and system time of all threads of the process
    seconds_to_first_step        from START_NS (or, where absent, from this file's first line) to the end of the first update
    peak_rss_mib                 of the process
"""

import os
import time

START = int(os.environ.get("START_NS") or time.time_ns())

import argparse
import csv
import json
import resource
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
if sys.argv[1:2] != ["rows"]:
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import torch
import transformers
from transformers import AutoTokenizer, TrainerCallback

BATCH = {"encoder": 32, "decoder": 8}


class Clock(TrainerCallback):
    """Notes time and work at the end of the first update, of the warm-up, and of the last step."""

    def __init__(self, warmup):
        self.warmup = warmup
        self.work = (0, 0)
        self.first_step = None
        self.begin = None
        self.end = None

    def count(self, batch):
        tokens = batch["attention_mask"].sum() if "attention_mask" in batch else batch["input_ids"].numel()
        self.work = self.work[0] + len(batch["input_ids"]), self.work[1] + int(tokens)

    def on_step_end(self, args, state, control, **kwargs):
        now = time.time_ns(), time.process_time(), self.work
        if state.global_step == 1:
            self.first_step = now[0]
        if state.global_step == self.warmup:
            self.begin = now
        self.end = now


def counting(trainer_class, clock):
    """The trainer, which also counts what it is given."""

    class Counting(trainer_class):
        def training_step(self, model, inputs, *rest, **more):
            clock.count(inputs)
            return super().training_step(model, inputs, *rest, **more)

    return Counting


def settings(options, folder):
    out = dict(
        output_dir=folder,
        per_device_train_batch_size=BATCH[options.task],
        max_steps=options.steps,
        use_cpu=True,
        report_to="none",
        logging_strategy="no",
        save_strategy="no",
        disable_tqdm=True,
        torch_compile=options.compile,
    )
    if options.grouped:
        out.update(train_sampling_strategy="group_by_length")
    if options.precision:
        out.update(bf16=options.precision == "bfloat16")
    return out


def texts_and_labels(path):
    with open(path, encoding="utf-8", newline="") as file:
        if path.suffix == ".csv":
            return [row[:2] for row in csv.reader(file)][1:]
        return [line.rstrip("\r\n").rsplit("\t", 1) for line in file if line.strip()]


def train_only(model, method, layers):
    """Freezes what the method does not train."""
    last = [f"encoder.layer.{layers - 1}.", f"encoder.layer.{layers - 2}.", "pooler."] if method == "last2" else []
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name.startswith("classifier") or any(part in name for part in last)


def encoder(options, clock, folder):
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForSequenceClassification, DataCollatorWithPadding, Trainer, TrainingArguments

    read = texts_and_labels(options.data)[: options.rows]
    names = sorted({label for _, label in read})
    tokenizer = AutoTokenizer.from_pretrained(options.model)
    encoded = tokenizer([text for text, _ in read], truncation=True, max_length=128)
    rows = [
        {**{key: values[row] for key, values in encoded.items()}, "labels": names.index(label)}
        for row, (_, label) in enumerate(read)
    ]
    model = AutoModelForSequenceClassification.from_pretrained(
        options.model, num_labels=len(names), dtype=torch.float32
    )
    if options.method == "lora":
        places = dict(target_modules=["query", "key", "value", "dense"], exclude_modules=["pooler.dense"])
        whole = ["classifier", "pooler"]
        model = get_peft_model(model, LoraConfig("SEQ_CLS", r=8, lora_alpha=16, modules_to_save=whole, **places))
    elif options.method != "full":
        train_only(model, options.method, model.config.num_hidden_layers)
    arguments = TrainingArguments(**settings(options, folder))
    collator = DataCollatorWithPadding(tokenizer)
    return counting(Trainer, clock)(model, arguments, collator, rows, processing_class=tokenizer, callbacks=[clock])


def decoder(options, clock, folder):
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import AutoConfig, AutoModelForCausalLM
    from trl import SFTConfig, SFTTrainer

    tokenizer = AutoTokenizer.from_pretrained(options.model)
    with open(options.data, encoding="utf-8") as file:
        read = [json.loads(line) for line in file]
    rows = Dataset.from_list([{"prompt": r["question"] + "\n", "completion": r["answer"]} for r in read])
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(options.model), dtype=torch.float32)
    lora = LoraConfig("CAUSAL_LM", r=8, lora_alpha=16, target_modules="all-linear") if options.method == "lora" else None
    given = settings(options, folder)
    if options.keep:
        given.update(gradient_checkpointing=False)
    arguments = SFTConfig(max_length=512, eos_token="<|endoftext|>", pad_token="<|endoftext|>", **given)
    return counting(SFTTrainer, clock)(
        model, arguments, train_dataset=rows, processing_class=tokenizer, peft_config=lora, callbacks=[clock]
    )


def rows(options):
    """Reads the texts and makes tokens of them."""
    begun, cpu = time.time_ns(), time.process_time()
    read = texts_and_labels(options.data)
    tokenizer = AutoTokenizer.from_pretrained(options.model)
    encoded = tokenizer([text for text, _ in read], truncation=True, max_length=128)
    done = dict(rows=len(encoded["input_ids"]), wall_seconds=(time.time_ns() - begun) / 1e9, cpu_seconds=time.process_time() - cpu)
    print(json.dumps(dict(peer=f"transformers {transformers.__version__}") | done), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=["encoder", "decoder", "rows"])
    parser.add_argument("model", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--method", choices=["full", "lora", "probe", "last2"], default="full")
    parser.add_argument("--precision", choices=["float32", "bfloat16"], help="else as the trainer has it by default")
    parser.add_argument("--grouped", action="store_true", help="batches of similar length")
    parser.add_argument("--keep", action="store_true", help="no activation checkpointing, which the SFTTrainer does by default")
    parser.add_argument("--compile", action="store_true", help="torch_compile")
    parser.add_argument("--rows", type=int, help="of the data, from the first; else all")
    parser.add_argument("--steps", type=int, default=120, help="updates in all, warm-up included")
    parser.add_argument("--warmup", type=int, default=20, help="updates before the measurement begins")
    options = parser.parse_args()
    if options.task == "rows":
        return rows(options)
    if not 1 <= options.warmup < options.steps:
        parser.error("the warm-up must be at least one step and shorter than the whole")

    clock = Clock(options.warmup)
    with tempfile.TemporaryDirectory() as folder:
        (encoder if options.task == "encoder" else decoder)(options, clock, folder).train()

    programs = f"transformers {transformers.__version__}, torch {torch.__version__}"
    if options.task == "decoder":
        import trl

        programs = f"TRL {trl.__version__}, {programs}"
    result = dict(
        peer=programs,
        threads=torch.get_num_threads(),
        examples=clock.end[2][0] - clock.begin[2][0],
        tokens=clock.end[2][1] - clock.begin[2][1],
        wall_seconds=round((clock.end[0] - clock.begin[0]) / 1e9, 3),
        cpu_seconds=round(clock.end[1] - clock.begin[1], 3),
        seconds_to_first_step=round((clock.first_step - START) / 1e9, 3),
        peak_rss_mib=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    )
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
