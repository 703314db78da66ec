"""Writes what transformers computes with a model folder and its tokenizer, for a comparison on a real checkpoint.

    python make_reference_outputs.py <model folder> <out.safetensors> [--texts texts.json]

The file holds input_ids, attention_mask, token_type_ids, hidden.<i>, last_hidden_state, pooler_output and embeddings (the
mean of last_hidden_state over real positions, scaled to length 1), computed in float64 and stored in float32.
"""

import argparse
import json
from pathlib import Path

import torch
from golden import widened, write
from golden_tokenizers import TEXTS
from transformers import AutoModel, AutoTokenizer


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--texts", type=Path, help="JSON list of texts; the hard strings of the tokenizer goldens if absent")
    options = parser.parse_args()

    texts = json.loads(options.texts.read_text()) if options.texts else list(TEXTS.values())
    tokenizer = AutoTokenizer.from_pretrained(options.folder)
    inputs = dict(tokenizer(texts, padding=True, truncation=True, return_tensors="pt"))
    model = widened(AutoModel.from_pretrained(options.folder, attn_implementation="eager"))
    with torch.no_grad():
        out = model(**inputs, output_hidden_states=True)
    values = dict(inputs, last_hidden_state=out.last_hidden_state)
    values |= {f"hidden.{index}": value for index, value in enumerate(out.hidden_states)}
    if out.get("pooler_output") is not None:
        values["pooler_output"] = out.pooler_output
    mask = inputs["attention_mask"][..., None]
    mean = (out.last_hidden_state * mask).sum(1) / mask.sum(1)
    values["embeddings"] = torch.nn.functional.normalize(mean, dim=-1)
    write(options.out, values)


if __name__ == "__main__":
    main()
