"""Golden files of schedules. Writes schedule-shapes.json and plateau.json of luthier-train/src/test/resources/golden."""

import warnings

import torch
from golden import TRAIN, write_json
from torch.optim import lr_scheduler as torch_schedules
from transformers import get_scheduler

STEPS = 70


def optimizer():
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)


def factors(schedule, steps):
    """The rates that the steps of a run are made with, the peak being 1."""
    out = []
    for _ in range(steps):
        out.append(schedule.optimizer.param_groups[0]["lr"])
        schedule.optimizer.step()
        schedule.step()
    return out


def of_transformers(name, warmup=0, **more):
    return get_scheduler(name, optimizer(), warmup, STEPS, scheduler_specific_kwargs=more or None)


def of_torch(kind, **keys):
    return getattr(torch_schedules, kind)(optimizer(), **keys)


def cases():
    share = 7 / STEPS
    restarts, wsd = "cosine_with_restarts", "warmup_stable_decay"
    yield "cosine-restarts", dict(warmup=share, cycles=3, growth=1), of_transformers(restarts, 7, num_cycles=3)
    yield "cosine-restarts", dict(warmup=0, cycles=3, growth=2), of_torch("CosineAnnealingWarmRestarts", T_0=10, T_mult=2)
    yield "step", dict(gamma=0.5, every=7), of_torch("StepLR", step_size=7, gamma=0.5)
    yield "step", dict(gamma=0.1, at=[5, 12, 60]), of_torch("MultiStepLR", milestones=[5, 12, 60], gamma=0.1)
    yield "polynomial", dict(warmup=share, power=3, floor=0.1), of_transformers("polynomial", 7, power=3, lr_end=0.1)
    yield "inverse-sqrt", dict(steps=9), of_transformers("inverse_sqrt", 9)
    for shape in ("cos", "linear"):
        keys = dict(rise=0.3, divisor=25, final_divisor=1e4, shape=shape)
        cycle = dict(max_lr=1.0, total_steps=STEPS, cycle_momentum=False, anneal_strategy=shape)
        yield "one-cycle", keys, of_torch("OneCycleLR", **cycle)
    for shape in ("linear", "1-sqrt"):
        ends = dict(num_decay_steps=14, decay_type=shape)
        yield "wsd", dict(warmup=share, cooldown=0.2, shape=shape, floor=0), of_transformers(wsd, 7, **ends)
        ends["min_lr_ratio"] = 0.1
        yield "wsd", dict(warmup=0, cooldown=0.2, shape=shape, floor=0.1), of_transformers(wsd, 0, **ends)


def plateaus():
    """Scores of twenty evaluations, and the rate after each of them."""
    falling = [1.0, 0.8, 0.7, 0.70001, 0.69999, 0.71, 0.69, 0.6899, 0.7, 0.7, 0.7, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6]
    rising = [1 - v for v in falling]
    below = [v - 2 for v in falling]
    for scores, mode in ((falling, "min"), (rising, "max"), (below, "min"), (falling, "max")):
        for keys in (
            dict(factor=0.5, patience=2, threshold=1e-4, threshold_mode="rel", cooldown=0, min_lr=0.0),
            dict(factor=0.1, patience=0, threshold=0.01, threshold_mode="abs", cooldown=2, min_lr=0.02),
            dict(factor=0.7, patience=1, threshold=0.05, threshold_mode="rel", cooldown=1, min_lr=0.0),
        ):
            schedule = torch_schedules.ReduceLROnPlateau(optimizer(), mode=mode, **keys)
            rates = []
            for score in scores:
                schedule.step(score)
                rates.append(schedule.optimizer.param_groups[0]["lr"])
            yield dict(keys, mode=mode, scores=scores, rates=rates)


def main():
    warnings.filterwarnings("ignore", message="To get the last learning rate")
    found = [
        {"name": name, "keys": keys, "total_steps": STEPS, "factors": factors(schedule, STEPS)}
        for name, keys, schedule in cases()
    ]
    write_json(TRAIN / "schedule-shapes.json", found)
    write_json(TRAIN / "plateau.json", list(plateaus()))


if __name__ == "__main__":
    main()
