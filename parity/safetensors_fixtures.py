"""Writes small files with the format's own library, which Luthier must read, and write again to the same bytes."""

from pathlib import Path

import torch
from huggingface_hub import save_torch_state_dict
from safetensors.torch import save_file

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "luthier-tensor/src/test/resources/golden/safetensors"

TYPES = [
    "bool", "uint8", "int8", "float8_e5m2", "float8_e4m3fn", "int16", "uint16", "float16", "bfloat16",
    "int32", "uint32", "float32", "complex64", "float64", "int64", "uint64",
]


def counting(dtype, *shape):
    """0, 1, 2... in row-major order."""
    n = 1
    for size in shape:
        n *= size
    return torch.arange(n, dtype=torch.float64).reshape(shape).to(dtype)


def types():
    """One odd-sized tensor, one scalar and one empty tensor of every type."""
    tensors = {}
    for name in TYPES:
        dtype = getattr(torch, name)
        tensors[f"{name}.odd"] = counting(dtype, 3, 5)
        tensors[f"{name}.scalar"] = counting(dtype)
        tensors[f"{name}.empty"] = counting(dtype, 0, 2)
    return tensors


def names():
    """Names that need escapes, or sort differently as bytes and as UTF-16."""
    keys = ["", "a", "B", "a.b", "z\u00e9", "\uffee", "\U0001f600", 'q"\\/', "\b\f\n\r\t", "\x01\x1f\x7f", "\u2028"]
    return {key: counting(torch.float32, i + 1) for i, key in enumerate(keys)}


def main():
    """Writes all of them."""
    OUT.mkdir(parents=True, exist_ok=True)
    save_file(types(), OUT / "types.safetensors", metadata={"format": "pt"})
    save_file(names(), OUT / "names.safetensors", metadata={"\u00e9\n\x02": '"\U0001f600"'})
    save_file({}, OUT / "nothing.safetensors")
    save_file({"only": counting(torch.bfloat16, 7)}, OUT / "no-metadata.safetensors")
    shards = {f"layer.{i}.weight": counting(torch.float32, 2 + 3 * i, 4) for i in range(5)}
    (OUT / "sharded").mkdir(exist_ok=True)
    save_torch_state_dict(shards, OUT / "sharded", max_shard_size=200)


if __name__ == "__main__":
    main()
