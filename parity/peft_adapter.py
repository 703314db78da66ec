"""Trains a LoRA adapter in peft for a few steps and saves it with its logits, for Luthier to read.

    python peft_adapter.py <model folder> <data.tsv> <out folder> [--steps 20 --rank 8 --alpha 16 ...]

The data has a text and a label per line, with a tab between. Beside the adapter stands values.safetensors: input_ids,
attention_mask, token_type_ids and labels of the first rows, logits with the adapter and merged_logits, computed in float64
and stored as float32; and labels.json, the labels in the order of the logits.
"""

import argparse
import copy
from pathlib import Path

import torch
from golden import widened, write, write_json
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification, AutoTokenizer


def rows_of(file):
    rows = [line.rsplit("\t", 1) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    labels = sorted({label for _, label in rows})
    return [text for text, _ in rows], [labels.index(label) for _, label in rows], labels


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--alpha", type=int, default=16)
    parser.add_argument("--targets", default="query,key,value,dense", help="names, or all-linear, or regex:<expression>")
    parser.add_argument("--save", default="classifier,pooler", help="modules trained in full")
    parser.add_argument("--bias", default="none", choices=["none", "all", "lora_only"])
    parser.add_argument("--rslora", action="store_true")
    parser.add_argument("--values", type=int, default=16, help="rows whose logits are saved")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    torch.manual_seed(options.seed)
    texts, classes, labels = rows_of(options.data)
    tokenizer = AutoTokenizer.from_pretrained(options.folder)
    model = AutoModelForSequenceClassification.from_pretrained(
        options.folder, num_labels=len(labels), ignore_mismatched_sizes=True, dtype=torch.float32
    )
    targets = options.targets.removeprefix("regex:")
    named = not options.targets.startswith("regex:") and targets != "all-linear"
    settings = LoraConfig(
        task_type="SEQ_CLS",
        r=options.rank,
        lora_alpha=options.alpha,
        target_modules=targets.split(",") if named else targets,
        modules_to_save=options.save.split(","),
        bias=options.bias,
        use_rslora=options.rslora,
    )
    model = get_peft_model(model, settings).train()
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=options.rate)

    longest = min(128, tokenizer.model_max_length)

    def encode(chosen):
        rows = [texts[i] for i in chosen]
        batch = tokenizer(rows, padding=True, truncation=True, max_length=longest, return_tensors="pt")
        return dict(batch, labels=torch.tensor([classes[i] for i in chosen]))

    for step in range(options.steps):
        loss = model(**encode(torch.randint(len(texts), (options.batch,)).tolist())).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        print(f"step {step + 1}: loss {loss.item():.4f}")

    model.save_pretrained(options.out)
    model, inputs = widened(model), encode(range(min(options.values, len(texts))))
    with torch.no_grad():
        values = dict(inputs, logits=model(**inputs).logits)
        values["merged_logits"] = copy.deepcopy(model).merge_and_unload()(**inputs).logits
    write(options.out / "values.safetensors", values)
    write_json(options.out / "labels.json", labels)


if __name__ == "__main__":
    main()
