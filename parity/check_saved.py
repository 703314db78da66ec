"""Loads what Luthier saved with transformers or peft, and compares logits.

    python check_saved.py <model folder> <values.safetensors>
    python check_saved.py <adapter folder> <values.safetensors> --base <model folder>

The values file holds input_ids, attention_mask, perhaps token_type_ids, and Luthier's logits of them (or start_logits and
end_logits, or last_hidden_state; logits of question answering are [rows, positions, start and end]). With --texts, a JSON list of texts or of pairs of texts, the tokenizer of the
folder must give the same input ids. Prints the largest absolute difference over real positions; the exit code is 1 where it
is above the tolerance, where a weight found no home, or where the model misses one. The reference computes in float64.
"""

import argparse
import json
import sys
from pathlib import Path

import golden  # noqa: F401 (offline, quiet, one thread)
import torch
import transformers
from peft import PeftModel, get_peft_model_state_dict
from safetensors.torch import load_file
from transformers import AutoTokenizer

HEADS = {
    "SEQ_CLS": transformers.AutoModelForSequenceClassification,
    "TOKEN_CLS": transformers.AutoModelForTokenClassification,
    "QUESTION_ANS": transformers.AutoModelForQuestionAnswering,
    "CAUSAL_LM": transformers.AutoModelForCausalLM,
    "FEATURE_EXTRACTION": transformers.AutoModel,
}
EXACT = dict(attn_implementation="eager", dtype=torch.float32)  # half precision would round the adapter's weights
INPUTS = ["input_ids", "attention_mask", "token_type_ids"]
OUTPUTS = ["logits", "start_logits", "end_logits", "last_hidden_state"]


def settings_of(folder, file="config.json"):
    return json.loads((folder / file).read_text())


def model_of(folder):
    """The model of the class its config names; every weight must find its place."""
    kind = getattr(transformers, settings_of(folder)["architectures"][0])
    model, info = kind.from_pretrained(folder, output_loading_info=True, **EXACT)
    faults = {key: sorted(map(str, value)) for key, value in info.items() if value}
    if faults:
        sys.exit(f"{folder}: weights do not fit: {faults}")
    return model


def adapted(folder, base):
    """The base with the adapter; a new head takes its size from the adapter file."""
    saved = load_file(folder / "adapter_model.safetensors")
    head = HEADS.get(settings_of(folder, "adapter_config.json").get("task_type"))
    sizes = [len(value) for key, value in saved.items() if key.endswith((".classifier.bias", ".out_proj.bias"))]
    if head is None:
        model = model_of(base)
    elif sizes:
        model = head.from_pretrained(base, num_labels=sizes[0], ignore_mismatched_sizes=True, **EXACT)
    else:
        model = head.from_pretrained(base, **EXACT)
    model = PeftModel.from_pretrained(model, folder)
    wanted = set(get_peft_model_state_dict(model))
    superfluous = {key for key in wanted if ".original_module." in key or ".modules_to_save." in key}
    missing, unknown = sorted(wanted - superfluous - set(saved)), sorted(set(saved) - wanted)
    if missing or unknown:
        sys.exit(f"{folder}: missing {missing}, unknown {unknown}")
    return model


def check_tokenizer(folder, texts, values):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    for row, text in enumerate(json.loads(texts.read_text())):
        ids = tokenizer(*([text] if isinstance(text, str) else text), truncation=True)["input_ids"]
        length = int(values["attention_mask"][row].sum())
        if ids != values["input_ids"][row, :length].tolist():
            sys.exit(f"{folder}: row {row}: the tokenizer gives {ids}, not {values['input_ids'][row, :length].tolist()}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("values", type=Path)
    parser.add_argument("--base", type=Path, help="model folder that the adapter belongs to")
    parser.add_argument("--texts", type=Path, help="JSON list of texts or pairs, one per row of the values")
    parser.add_argument("--tolerance", type=float, default=1e-5)
    options = parser.parse_args()

    is_adapter = (options.folder / "adapter_config.json").exists()
    if is_adapter and options.base is None:
        parser.error(f"{options.folder} is an adapter: name its model with --base")
    values = load_file(options.values)
    if options.texts:
        own = (options.folder / "tokenizer.json").exists()
        check_tokenizer(options.folder if own else options.base, options.texts, values)
    model = adapted(options.folder, options.base) if is_adapter else model_of(options.folder)
    with torch.no_grad():
        found = dict(model.double().eval()(**{name: values[name] for name in INPUTS if name in values}))
    if "start_logits" in found:
        found["logits"] = torch.stack([found["start_logits"], found["end_logits"]], -1)
    compared = [name for name in OUTPUTS if name in values]
    if not compared:
        sys.exit(f"{options.values}: none of {', '.join(OUTPUTS)}")
    worst = 0.0
    for name in compared:
        if found[name].shape != values[name].shape:
            sys.exit(f"{name}: {list(values[name].shape)} instead of {list(found[name].shape)}")
        difference = (found[name] - values[name]).abs()
        by_position = difference.shape[:2] == values["input_ids"].shape
        if by_position and name != "logits" or difference.dim() == 3:
            difference = difference[values["attention_mask"].bool()]
        largest = difference.max().item() if torch.isfinite(difference).all() else float("inf")
        worst = max(worst, largest)
        print(f"{name}: largest difference {largest:.2e}, largest value {found[name].abs().max():.2f}")
    sys.exit(worst > options.tolerance)


if __name__ == "__main__":
    main()
