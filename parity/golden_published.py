"""Values of two published Llama checkpoints, which are not part of the repository.

    python golden_published.py <folder that holds m-stories260k and f-hf-llama-random>

Writes luthier-model/src/test/resources/golden/published/llama.json. The reference computes in float64 from float32 weights.
"""

import sys
from pathlib import Path

import torch
from golden import MODEL, draws, widened, write_json
from transformers import AutoModelForCausalLM

FOLDERS = {"m-stories260k/derived": 512, "f-hf-llama-random/model": 16}
LENGTHS = [40, 3, 511]
SHOWN = 24


def values(folder, vocabulary):
    model = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32)
    model = widened(model)
    rows = []
    for index, length in enumerate(LENGTHS):
        ids = draws("published", index).integers(3, vocabulary, length).tolist()
        with torch.no_grad():
            out = model(torch.tensor([ids]), labels=torch.tensor([ids]))
            greedy = model.generate(torch.tensor([ids[:3]]), do_sample=False, max_new_tokens=30)
        last = [round(value, 7) for value in out.logits[0, -1, :SHOWN].tolist()]
        rows.append({"ids": ids, "last": last, "loss": out.loss.item(), "written": greedy[0, 3:].tolist()})
    return rows


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    data = Path(sys.argv[1])
    found = {name: values(data / name, vocabulary) for name, vocabulary in FOLDERS.items()}
    write_json(MODEL / "published/llama.json", found)


if __name__ == "__main__":
    main()
