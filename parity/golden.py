"""What every golden script shares: seeded weights, wide arithmetic, byte-stable files."""

import hashlib
import json
import os
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import numpy as np
import torch
from safetensors.numpy import save as save_bytes
from safetensors.torch import load_file
from transformers.utils import logging

logging.set_verbosity_error()
logging.disable_progress_bar()
torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)

ROOT = Path(__file__).resolve().parent.parent
MODEL = ROOT / "luthier-model/src/test/resources/golden"
TRAIN = ROOT / "luthier-train/src/test/resources/golden"


def draws(*key):
    """A generator that depends on the words of its key alone."""
    digest = hashlib.sha256("/".join(map(str, key)).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:8], "little")))


def normal(shape, std, *key):
    """float32 draws of a normal distribution, a function of the key."""
    return torch.from_numpy((draws(*key).standard_normal(tuple(shape)) * std).astype(np.float32))


def fill(model, family):
    """Gives every parameter weights large enough that a mistake is visible in the logits."""
    prefix = model.base_model_prefix + "."
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            key = name.removeprefix(prefix)
            is_norm = "norm" in name.lower()
            std = 0.5 if "embeddings" in name else 0.3
            value = normal(parameter.shape, std if parameter.dim() > 1 else 0.2, family, key)
            parameter.copy_(value + 1 if is_norm and name.endswith("weight") else value)
    return model


def widened(model):
    """The model in float64 and evaluation mode: golden values carry no rounding of the arithmetic."""
    return model.double().eval()


def write(path, tensors, wide=False):
    """Writes a safetensors file, sorted by name; float64 is rounded to float32, and below 1e-12 to zero.

    With `wide`, float64 stays as it is. So what is zero in exact arithmetic (the gradient of a key's bias) is zero on
    every machine.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    plain = {}
    for name in sorted(tensors):
        value = tensors[name].detach()
        if value.dtype == torch.float64 and not wide:
            value = torch.where(value.abs() < 1e-12, 0.0, value).float()
        plain[name] = value.contiguous().numpy()
    path.write_bytes(save_bytes(plain, metadata={"format": "pt"}))


def write_json(path, value):
    """Writes JSON with sorted keys."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1, sort_keys=True, ensure_ascii=True) + "\n")


def names_on_disk(folder):
    """Parameter names of every safetensors file of a model folder."""
    return sorted(name for file in folder.glob("model*.safetensors") for name in load_file(file))
