"""Golden files of optimizers, schedules and losses. Writes luthier-train/src/test/resources/golden/."""

import torch
import torch.nn.functional as F
from golden import TRAIN, normal, write, write_json
from transformers import get_scheduler

STEPS = 20
KEPT = [1, 10, 20]
SHAPES = {"weight": (5, 3), "bias": (5,)}

ADAMW = {
    "defaults": dict(lr=1e-3),
    "no-decay": dict(lr=1e-2, weight_decay=0.0),
    "strong-decay": dict(lr=1e-2, betas=[0.8, 0.95], eps=1e-6, weight_decay=0.1),
    "large-eps": dict(lr=5e-2, betas=[0.9, 0.98], eps=1e-2, weight_decay=0.01),
    "float64": dict(lr=1e-2, betas=[0.9, 0.99], eps=1e-8, weight_decay=0.05, dtype="float64"),
    "bias-without-decay": dict(lr=1e-2, weight_decay=0.1, without_decay=["bias"]),
    "scheduled": dict(lr=2e-2, weight_decay=0.1, schedule="linear", warmup_steps=5),
    "clipped": dict(lr=1e-2, weight_decay=0.01, max_grad_norm=1.0),
}


def adamw(name, case):
    """Twenty steps of torch.optim.AdamW on fixed gradients, whose size grows and shrinks from step to step."""
    case = dict(betas=[0.9, 0.999], eps=1e-8, weight_decay=0.01, dtype="float32") | case
    dtype = getattr(torch, case["dtype"])
    parameters = {k: normal(shape, 1, "adamw", k).to(dtype).requires_grad_() for k, shape in SHAPES.items()}
    scale = torch.logspace(-1.5, 0.5, STEPS)[torch.arange(STEPS) * 7 % STEPS]
    gradients = {
        k: (normal((STEPS, *shape), 1, "adamw gradient", k) * scale.view(-1, *[1] * len(shape))).to(dtype)
        for k, shape in SHAPES.items()
    }
    plain = case.get("without_decay", [])
    groups = [
        {"params": [p for k, p in parameters.items() if k not in plain], "weight_decay": case["weight_decay"]},
        {"params": [p for k, p in parameters.items() if k in plain], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(
        [group for group in groups if group["params"]],
        lr=case["lr"],
        betas=tuple(case["betas"]),
        eps=case["eps"],
        foreach=False,
    )
    schedule = get_scheduler(case.get("schedule", "constant"), optimizer, case.get("warmup_steps", 0), STEPS)
    values = {f"param.{k}.0": p.detach().clone() for k, p in parameters.items()}
    values |= {f"grad.{k}": value for k, value in gradients.items()}
    rates, norms = [], []
    for step in range(STEPS):
        for k, parameter in parameters.items():
            parameter.grad = gradients[k][step].clone()
        if "max_grad_norm" in case:
            norms.append(torch.nn.utils.clip_grad_norm_(parameters.values(), case["max_grad_norm"], foreach=False))
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
        if step + 1 in KEPT:
            for k, parameter in parameters.items():
                values[f"param.{k}.{step + 1}"] = parameter.detach().clone()
                values[f"exp_avg.{k}.{step + 1}"] = optimizer.state[parameter]["exp_avg"].clone()
                values[f"exp_avg_sq.{k}.{step + 1}"] = optimizer.state[parameter]["exp_avg_sq"].clone()
    values["lr"] = torch.tensor(rates, dtype=torch.float64)
    if norms:
        values["grad_norm"] = torch.stack(norms)
        if not min(norms) < case["max_grad_norm"] < max(norms):
            raise SystemExit("clipped: both sides of the limit must occur")
    write(TRAIN / f"adamw/{name}.safetensors", values, wide=True)
    return case


def schedules():
    """The factor of step 0 (the first update) to step 50 (one past the last) of get_scheduler."""
    found = []
    for name in ["linear", "cosine", "constant", "constant_with_warmup"]:
        for warmup in [0] if name == "constant" else [0, 1, 5]:
            optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
            schedule = get_scheduler(name, optimizer, warmup, 50)
            factors = []
            for _ in range(51):
                factors.append(optimizer.param_groups[0]["lr"])
                optimizer.step()
                schedule.step()
            found.append(dict(name=name, warmup_steps=warmup, total_steps=50, factors=factors))
    write_json(TRAIN / "schedules.json", found)


def losses():
    """Losses of torch as sum, weight and quotient, and the gradient of the quotient by the logits."""
    logits = normal((6, 4), 2, "losses")
    classes = torch.tensor([3, 0, 2, 2, 1, 3])
    some = torch.tensor([3, -100, 2, -100, 1, 3])
    several = (normal((6, 4), 1, "labels") > 0).float()
    weights = torch.tensor([0.5, 2.0, 1.0, 0.25])
    scores = normal((6, 1), 2, "scores")
    cross, binary = F.cross_entropy, F.binary_cross_entropy_with_logits
    cases = {
        "cross-entropy": (cross, logits, classes, {}),
        "cross-entropy-ignored": (cross, logits, some, {}),
        "cross-entropy-class-weights": (cross, logits, classes, dict(weight=weights)),
        "cross-entropy-smoothed": (cross, logits, classes, dict(label_smoothing=0.1)),
        "cross-entropy-smoothed-ignored": (cross, logits, some, dict(label_smoothing=0.1)),
        "cross-entropy-smoothed-class-weights": (cross, logits, some, dict(weight=weights, label_smoothing=0.2)),
        "binary-cross-entropy": (binary, logits, several, {}),
        "binary-cross-entropy-positive-weights": (binary, logits, several, dict(pos_weight=weights)),
        "mean-squared-error": (F.mse_loss, scores, normal((6, 1), 2, "targets"), {}),
    }
    settings = {}
    for name, (loss, x, labels, options) in cases.items():
        x = x.double().requires_grad_()
        wide = {k: v.double() if torch.is_tensor(v) else v for k, v in options.items()}
        target = labels.double() if labels.is_floating_point() else labels
        mean, total = loss(x, target, **wide), loss(x, target, reduction="sum", **wide)
        mean.backward()
        values = dict(logits=x, labels=labels, loss=mean, loss_sum=total, loss_weight=total / mean)
        values |= {k: v for k, v in options.items() if torch.is_tensor(v)}
        write(TRAIN / f"losses/{name}.safetensors", values | {"grad.logits": x.grad})
        settings[name] = {k: v for k, v in options.items() if not torch.is_tensor(v)}
    write_json(TRAIN / "losses/cases.json", settings)


def main():
    write_json(TRAIN / "adamw/cases.json", {name: adamw(name, case) for name, case in ADAMW.items()})
    schedules()
    losses()


if __name__ == "__main__":
    main()
