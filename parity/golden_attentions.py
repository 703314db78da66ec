"""Golden maps of attention, and logits of models whose table of words got another length.

Reads what golden_encoders.py and golden_decoders.py wrote, and writes attentions.safetensors and resized.safetensors beside it.
"""

import torch
from golden import MODEL, widened, write
from golden_encoders import require_close
from safetensors.torch import load_file
from transformers import AutoModel, AutoModelForCausalLM, AutoModelForMaskedLM

EAGER = dict(attn_implementation="eager")
INPUTS = ["input_ids", "attention_mask", "token_type_ids"]
FEWER, MORE = 10, 7


def inputs(folder):
    golden = load_file(folder / "golden.safetensors")
    return {name: golden[name] for name in INPUTS if name in golden}


def attentions(name):
    folder = MODEL / name
    model = widened(AutoModel.from_pretrained(folder, **EAGER))
    given = inputs(folder)
    out = model(**given, output_attentions=True)
    maps = {f"attention.{index}": value for index, value in enumerate(out.attentions)}
    write(folder / "attentions.safetensors", given | maps)


def resized(name, kind):
    """Of a longer table the logits of the words there were before, of a shorter one all."""
    folder = MODEL / name
    given = inputs(folder)
    before = widened(kind.from_pretrained(folder, **EAGER))
    rows = before.config.vocab_size
    longer = kind.from_pretrained(folder, **EAGER)
    longer.resize_token_embeddings(rows + MORE, mean_resizing=False)
    logits = widened(longer)(**given).logits
    if logits.shape[-1] != rows + MORE or longer.config.vocab_size != rows + MORE:
        raise SystemExit(f"{name}: {logits.shape}")
    require_close(name, logits[..., :rows], before(**given).logits)
    shorter = kind.from_pretrained(folder, **EAGER)
    shorter.resize_token_embeddings(rows - FEWER, mean_resizing=False)
    fewer = dict(given, input_ids=given["input_ids"] % (rows - FEWER))
    values = {
        "attention_mask": given["attention_mask"],
        "longer.input_ids": given["input_ids"],
        "longer.logits": logits[..., :rows],
        "input_ids": fewer["input_ids"],
        "shorter.logits": widened(shorter)(**fewer).logits,
    }
    write(folder / "resized.safetensors", values)


def main():
    with torch.no_grad():
        for name in ["bert-encoder", "roberta-encoder", "distilbert-encoder", "llama-decoder"]:
            attentions(name)
        for family in ["bert", "roberta", "distilbert"]:
            resized(f"{family}-masked-lm", AutoModelForMaskedLM)
        for name in ["llama-causal-lm", "llama-causal-lm-tied"]:
            resized(name, AutoModelForCausalLM)


if __name__ == "__main__":
    main()
