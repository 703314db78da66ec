"""How much memory PyTorch needs for a forward pass without gradients through a few Transformer layers.

Luthier's test runs the same pass and may need at most 1.3 times as much. Memory is the peak of the process's resident
set during the pass above what was resident before it (Linux), after a tiny pass has loaded what is loaded lazily. Two
figures: as it comes, and with a C library that gives large blocks back at once instead of hoarding them.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import torch
import torch.nn.functional as F

OUT = Path(__file__).resolve().parent.parent / "luthier-tensor/src/test/resources/golden/forward-memory.json"

BATCH, LENGTH, WIDTH, HEADS, INNER, LAYERS = 8, 256, 768, 12, 3072, 4
SHAPES = {
    "q": (WIDTH, WIDTH), "k": (WIDTH, WIDTH), "v": (WIDTH, WIDTH), "o": (WIDTH, WIDTH),
    "up": (INNER, WIDTH), "down": (WIDTH, INNER),
}


def layer(x, w):
    """A pre-norm layer as it is usually written."""
    batch, length, width = x.shape

    def heads(t):
        return t.view(batch, length, HEADS, width // HEADS).transpose(1, 2)

    h = F.layer_norm(x, (width,), w["gain"], w["bias"])
    q, k, v = (heads(F.linear(h, w[n])) for n in "qkv")
    scores = torch.matmul(q, k.transpose(-1, -2)) * (width // HEADS) ** -0.5
    probabilities = torch.softmax(scores, -1)
    context = torch.matmul(probabilities, v).transpose(1, 2).reshape(batch, length, width)
    x = x + F.linear(context, w["o"])
    h = F.layer_norm(x, (width,), w["gain"], w["bias"])
    return x + F.linear(F.gelu(F.linear(h, w["up"])), w["down"])


def resident(key):
    """A figure of /proc/self/status, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1]) * 1024
    raise KeyError(key)


def measure():
    """The peak of this process."""
    torch.set_num_threads(1)
    weights = [{n: torch.full(s, 0.01) for n, s in SHAPES.items()} for _ in range(LAYERS)]
    for w in weights:
        w["gain"], w["bias"] = torch.ones(WIDTH), torch.zeros(WIDTH)
    with torch.no_grad():
        x = torch.ones(1, 4, WIDTH)
        for w in weights:
            x = layer(x, w)
        x = torch.ones(BATCH, LENGTH, WIDTH)
        Path("/proc/self/clear_refs").write_text("5")
        before = resident("VmRSS")
        for w in weights:
            x = layer(x, w)
        return resident("VmHWM") - before


def in_new_process(**environment):
    """The smallest of three measurements, to the megabyte."""
    command = [sys.executable, __file__, "measure"]
    runs = [subprocess.check_output(command, env={**os.environ, **environment}) for _ in range(3)]
    return round(min(map(int, runs)) / 1e6) * 10**6


def main():
    """Measures and writes."""
    OUT.parent.mkdir(parents=True, exist_ok=True)
    figures = {
        "batch": BATCH, "heads": HEADS, "inner": INNER, "layers": LAYERS, "length": LENGTH, "width": WIDTH,
        "peak_bytes": in_new_process(), "peak_bytes_without_hoarding": in_new_process(MALLOC_MMAP_THRESHOLD_="65536"),
        "torch": torch.__version__.split("+")[0],
    }
    OUT.write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    if sys.argv[1:] == ["measure"]:
        print(measure())
    else:
        main()
