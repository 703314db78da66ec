"""Golden files of the optimizers: twenty steps each on the same fixed gradients, in float64.

The optimizers of torch.optim are called; the others are written out here from the equations of their papers. Writes
luthier-train/src/test/resources/golden/optimizers/.
"""

import torch
from golden import TRAIN, normal, write

STEPS = 20
KEPT = [1, 10, 20]
SHAPES = {"weight": (5, 3), "square": (4, 4), "bias": (5,)}
FOLDER = TRAIN / "optimizers"

torch.set_default_dtype(torch.float64)


def start():
    return {k: normal(shape, 1, "optimizers", k) for k, shape in SHAPES.items()}


def gradients():
    """Fixed gradients, whose size grows and shrinks from step to step."""
    scale = torch.logspace(-1.5, 0.5, STEPS, dtype=torch.float32)[torch.arange(STEPS) * 7 % STEPS]
    return {
        k: normal((STEPS, *shape), 1, "optimizers gradient", k) * scale.view(-1, *[1] * len(shape))
        for k, shape in SHAPES.items()
    }


def trajectory(make, only=None):
    """The parameters after some of the steps. `make` gives a torch optimizer of a dict of parameters."""
    parameters = {k: v.double().requires_grad_() for k, v in start().items() if only is None or k in only}
    optimizer = make(parameters)
    given = gradients()
    values = {}
    for step in range(STEPS):
        for k, parameter in parameters.items():
            parameter.grad = given[k][step].double()
        optimizer.step()
        if step + 1 in KEPT:
            values |= {f"{k}.{step + 1}": p.detach().clone() for k, p in parameters.items()}
    return values


class Written:
    """An optimizer written out: a rule (parameter, gradient, state, t) changes the parameter in place."""

    def __init__(self, rule):
        self.rule = rule

    def __call__(self, parameters):
        self.parameters = list(parameters.values())
        self.states = [{} for _ in self.parameters]
        self.t = 0
        return self

    @torch.no_grad()
    def step(self):
        self.t += 1
        for parameter, state in zip(self.parameters, self.states):
            self.rule(parameter, parameter.grad.clone(), state, self.t)


def of_torch(name, **settings):
    kind = getattr(torch.optim, name)
    extra = {} if name == "Adafactor" else {"foreach": False}
    return lambda parameters: kind(list(parameters.values()), **settings, **extra)


def signs(lr, beta1, beta2, decay):
    """Lion (arXiv:2302.06675, Algorithm 2); with equal betas Signum (arXiv:1802.04434, Algorithm 2)."""

    def rule(w, g, state, t):
        m = state.get("m", torch.zeros_like(w))
        c = beta1 * m + (1 - beta1) * g
        w.sub_(lr * (torch.sign(c) + decay * w))
        state["m"] = beta2 * m + (1 - beta2) * g

    return Written(rule)


FIRST = {
    "sgd": {
        "plain": of_torch("SGD", lr=0.01),
        "momentum": of_torch("SGD", lr=0.01, momentum=0.9),
        "nesterov": of_torch("SGD", lr=0.05, momentum=0.8, nesterov=True, weight_decay=0.1),
    },
    "adam": {
        "defaults": of_torch("Adam", lr=1e-4),
        "decay": of_torch("Adam", lr=1e-2, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.1),
    },
    "rmsprop": {
        "defaults": of_torch("RMSprop", lr=1e-4),
        "momentum": of_torch("RMSprop", lr=1e-2, alpha=0.9, eps=1e-6, momentum=0.8, weight_decay=0.1),
        "centered": of_torch("RMSprop", lr=1e-2, alpha=0.95, centered=True),
    },
    "adagrad": {
        "defaults": of_torch("Adagrad", lr=1e-3),
        "decay": of_torch("Adagrad", lr=0.05, eps=1e-6, initial_accumulator_value=0.1, weight_decay=0.1),
    },
    "radam": {
        "defaults": of_torch("RAdam", lr=1e-4, weight_decay=0.01, decoupled_weight_decay=True),
        "short": of_torch("RAdam", lr=1e-2, betas=(0.8, 0.9), eps=1e-6, weight_decay=0.1, decoupled_weight_decay=True),
    },
    "nadam": {
        "defaults": of_torch("NAdam", lr=1e-4, weight_decay=0.01, decoupled_weight_decay=True),
        "decay": of_torch(
            "NAdam",
            lr=1e-2,
            betas=(0.8, 0.95),
            eps=1e-6,
            momentum_decay=0.02,
            weight_decay=0.1,
            decoupled_weight_decay=True,
        ),
    },
    "adafactor": {
        "defaults": of_torch("Adafactor", lr=1e-2),
        "decay": of_torch("Adafactor", lr=0.3, beta2_decay=-0.5, eps=(None, 2.0), d=1.2, weight_decay=0.1),
    },
    "lion": {"defaults": signs(2e-5, 0.9, 0.99, 0), "decay": signs(1e-2, 0.8, 0.95, 0.1)},
    "signum": {"defaults": signs(2e-5, 0.9, 0.9, 0), "decay": signs(1e-2, 0.8, 0.8, 0.1)},
}


def main():
    given = {f"start.{k}": v for k, v in start().items()} | {f"grad.{k}": v for k, v in gradients().items()}
    write(FOLDER / "given.safetensors", given)
    for name, cases in FIRST.items():
        values = {}
        for case, make in cases.items():
            values |= {f"{case}.{k}": v for k, v in trajectory(make).items()}
        write(FOLDER / f"{name}.safetensors", values, wide=True)


if __name__ == "__main__":
    main()
