"""Golden file of parameter groups: twenty steps of torch.optim's own groups. Writes
luthier-train/src/test/resources/golden/optimizers/groups.safetensors."""

import torch
from golden import write
from golden_optimizers import FOLDER, trajectory


def groups(parameters):
    return [
        {"params": [parameters["weight"]], "lr": 0.03, "weight_decay": 0.2},
        {"params": [parameters["square"]]},
        {"params": [parameters["bias"]], "lr": 0.005, "weight_decay": 0.0},
    ]


CASES = {
    "adamw": lambda p: torch.optim.AdamW(groups(p), lr=0.01, weight_decay=0.1),
    "sgd": lambda p: torch.optim.SGD(groups(p), lr=0.01, momentum=0.9, weight_decay=0.1),
    "nadam": lambda p: torch.optim.NAdam(groups(p), lr=0.01, weight_decay=0.1, decoupled_weight_decay=True),
}

if __name__ == "__main__":
    values = {}
    for case, make in CASES.items():
        values |= {f"{case}.{k}": v for k, v in trajectory(make).items()}
    write(FOLDER / "groups.safetensors", values, wide=True)
