"""Golden files of the optimizers: twenty steps each on the same fixed gradients, in float64.

The optimizers of torch.optim are called; the others are written out here from the equations of their papers. Writes
luthier-train/src/test/resources/golden/optimizers/.
"""

import math

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
    extra = {} if name in ("Adafactor", "Muon") else {"foreach": False}
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
    "lion": {"defaults": signs(3e-5, 0.9, 0.99, 0), "decay": signs(1e-2, 0.8, 0.95, 0.1)},
    "signum": {"defaults": signs(3e-5, 0.9, 0.9, 0), "decay": signs(1e-2, 0.8, 0.8, 0.1)},
}


class Fallback:
    """The optimizer of some parameters, by their number of dimensions, and another for the rest."""

    def __init__(self, of_matrices, of_vectors):
        self.parts = of_matrices, of_vectors

    def __call__(self, parameters):
        groups = [{k: p for k, p in parameters.items() if (p.dim() == 2) == matrix} for matrix in (True, False)]
        self.made = [make(group) for make, group in zip(self.parts, groups)]
        return self

    def step(self):
        for optimizer in self.made:
            optimizer.step()


def adam_direction(g, state, t, beta1, beta2, eps):
    """Adam's step (arXiv:1412.6980, Algorithm 1) without the rate."""
    state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
    state["v"] = beta2 * state.get("v", 0) + (1 - beta2) * g**2
    return state["m"] / (1 - beta1**t) / ((state["v"] / (1 - beta2**t)).sqrt() + eps)


def lamb(lr, beta1, beta2, eps, decay):
    """arXiv:1904.00962, Algorithm 2; vectors as Adam moves them."""

    def rule(w, g, state, t):
        r = adam_direction(g, state, t, beta1, beta2, eps) + decay * w
        w.sub_(lr * (w.norm() / r.norm() if w.dim() == 2 else 1) * r)

    return Written(rule)


def ademamix(lr, beta1, beta2, beta3, alpha, ramp, eps, decay):
    """arXiv:2409.03137, Algorithm 1; `ramp` in steps."""

    def rule(w, g, state, t):
        done = min(1, t / ramp) if ramp else 1
        half_life = lambda beta: math.log(0.5) / math.log(beta) if beta else 0  # noqa: E731
        b3 = 0.5 ** (1 / ((1 - done) * half_life(beta1) + done * half_life(beta3)))
        state["m1"] = beta1 * state.get("m1", 0) + (1 - beta1) * g
        state["m2"] = b3 * state.get("m2", 0) + (1 - b3) * g
        state["v"] = beta2 * state.get("v", 0) + (1 - beta2) * g**2
        root = (state["v"] / (1 - beta2**t)).sqrt() + eps
        w.sub_(lr * ((state["m1"] / (1 - beta1**t) + done * alpha * state["m2"]) / root + decay * w))

    return Written(rule)


def newton_schulz(g):
    """The quintic iteration of Muon."""
    x = g / g.norm()
    x = x.T if g.shape[0] > g.shape[1] else x
    for _ in range(5):
        a = x @ x.T
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    return x.T if g.shape[0] > g.shape[1] else x


def of_muon(**settings):
    """torch.optim.Muon for matrices, whose iteration in bfloat16 is replaced by one in float64, and AdamW."""
    import torch.optim._muon as muon

    muon._zeropower_via_newtonschulz = lambda grad, coefficients, steps, eps: newton_schulz(grad)
    plain = dict(lr=settings["lr"], weight_decay=settings["weight_decay"])
    return Fallback(of_torch("Muon", **settings), of_torch("AdamW", **plain))


def soap(lr, beta1, beta2, eps, decay, period):
    """arXiv:2409.11321, Algorithm 3; the first gradient only makes the bases, as in the authors' code."""

    def rule(w, g, state, t):
        t -= 1
        matrix = w.dim() == 2
        if t == 0:
            state["M"], state["V"] = torch.zeros_like(w), torch.zeros_like(w)
            if matrix:
                state["L"], state["R"] = (1 - beta2) * g @ g.T, (1 - beta2) * g.T @ g
                state["QL"], state["QR"] = (torch.linalg.eigh(state[k])[1].flip(1) for k in "LR")
            return
        into = (lambda x: state["QL"].T @ x @ state["QR"]) if matrix else (lambda x: x)
        out_of = (lambda x: state["QL"] @ x @ state["QR"].T) if matrix else (lambda x: x)
        state["M"] = beta1 * state["M"] + (1 - beta1) * g
        state["V"] = beta2 * state["V"] + (1 - beta2) * into(g) ** 2
        n = into(state["M"]) * math.sqrt(1 - beta2**t) / (1 - beta1**t) / (state["V"].sqrt() + eps)
        w.sub_(lr * out_of(n))
        w.sub_(lr * decay * w)
        if not matrix:
            return
        state["L"] = beta2 * state["L"] + (1 - beta2) * g @ g.T
        state["R"] = beta2 * state["R"] + (1 - beta2) * g.T @ g
        if t % period == 0:
            for side, (k, q) in enumerate((("L", "QL"), ("R", "QR"))):
                order = torch.einsum("ij,ik,kj->j", state[q], state[k], state[q]).argsort(descending=True)
                state["V"] = state["V"].index_select(side, order)
                state[q] = torch.linalg.qr(state[k] @ state[q][:, order])[0]

    return Written(rule)


def power(a, exponent, eps):
    values, vectors = torch.linalg.eigh(a)
    return vectors @ torch.diag((values + eps) ** exponent) @ vectors.T


def shampoo(lr, momentum, eps, decay, period):
    """arXiv:1802.09568, Algorithm 1 with momentum; vectors by the diagonal form."""

    def rule(w, g, state, t):
        if w.dim() == 2:
            state["L"] = state.get("L", 0) + g @ g.T
            state["R"] = state.get("R", 0) + g.T @ g
            if (t - 1) % period == 0:
                state["l"], state["r"] = power(state["L"], -1 / 4, eps), power(state["R"], -1 / 4, eps)
            u = state["l"] @ g @ state["r"]
        else:
            state["sum"] = state.get("sum", eps) + g**2
            u = g / state["sum"].sqrt()
        state["M"] = momentum * state.get("M", 0) + u
        w.sub_(lr * (state["M"] + decay * w))

    return Written(rule)


def asgo(lr, beta1, beta2, eps, decay, accumulate, match_rms, period):
    """arXiv:2503.20762, Algorithm 2, from the shorter side."""

    def rule(w, g, state, t):
        if w.dim() != 2:
            w.sub_(lr * (adam_direction(g, state, t, 0.9, 0.999, 1e-8) + decay * w))
            return
        wide = w.shape[0] <= w.shape[1]
        g, x = (g, w) if wide else (g.T, w.T)
        state["M"] = beta1 * state.get("M", 0) + (1 - beta1) * g
        state["V"] = state.get("V", 0) * (1 if accumulate else beta2) + g @ g.T * (1 if accumulate else 1 - beta2)
        if (t - 1) % period == 0:
            values, vectors = torch.linalg.eigh(state["V"])
            state["root"] = vectors @ torch.diag(1 / (values.sqrt() + eps)) @ vectors.T
        u = state["root"] @ state["M"]
        if match_rms:
            u = u * 0.2 * math.sqrt(u.numel()) / u.norm()
        x.sub_(lr * (u + decay * x))

    return Written(rule)


def mars(lr, beta1, beta2, gamma, eps, decay, form, vectors=False):
    """arXiv:2411.10438, Algorithms 2 to 4, with the gradient of the step before."""

    def rule(w, g, state, t):
        if w.dim() != 2 and not vectors:
            w.sub_(lr * (adam_direction(g, state, t, 0.9, 0.95, eps) + decay * w))
            return
        c = g + gamma * beta1 / (1 - beta1) * (g - state.get("last", 0))
        state["last"] = g
        c = c / max(1.0, c.norm().item())
        if form == "adamw":
            u = adam_direction(c, state, t, beta1, beta2, eps)
        else:
            state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * c
            u = torch.sign(state["m"])
            if form == "shampoo":
                u = newton_schulz(state["m"]) * math.sqrt(max(1, w.shape[0] / w.shape[1]))
        w.sub_(lr * (u + decay * w))

    return Written(rule)


def adalayer(lr, beta1, beta2, eps, decay):
    """arXiv:2407.07972, Algorithm 1."""

    def rule(w, g, state, t):
        state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
        state["v"] = beta2 * state.get("v", 0) + (1 - beta2) * (g**2).mean()
        u = state["m"] / (1 - beta1**t) / ((state["v"] / (1 - beta2**t)).sqrt() + eps)
        w.sub_(lr * (u + decay * w))

    return Written(rule)


def drawn(shape, *key):
    return normal(shape, 1, "optimizers", *key).double()


def dion(lr, momentum, decay, rank):
    """arXiv:2504.05295, Algorithm 1, on one device."""

    def rule(w, g, state, t):
        if w.dim() != 2:
            w.sub_(lr * (adam_direction(g, state, t, 0.9, 0.999, 1e-8) + decay * w))
            return
        b = state.get("M", 0) + g
        p = torch.linalg.qr(b @ state.get("Q", drawn((w.shape[1], rank), "dion", w.shape[0])))[0]
        r = b.T @ p
        state["M"] = b - (1 - momentum) * p @ r.T
        state["Q"] = r / (r.norm(dim=0) + 1e-8)
        w.sub_(lr * decay * w)
        w.sub_(lr * math.sqrt(w.shape[0] / w.shape[1]) * p @ state["Q"].T)

    return Written(rule)


def uncorrected(g, state, beta1, beta2, eps):
    """Adam's step before its biases are corrected, so that eps is added to a root that is still too small."""
    state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
    state["v"] = beta2 * state.get("v", 0) + (1 - beta2) * g**2
    return state["m"] / (state["v"].sqrt() + eps)


def galore(lr, rank, period, scale, beta1, beta2, eps, decay):
    """arXiv:2403.03507, Algorithm 2, with the details of the authors' code: squares are projected from the right."""

    def rule(w, g, state, t):
        correction = math.sqrt(1 - beta2**t) / (1 - beta1**t)
        if w.dim() != 2:
            u = uncorrected(g, state, beta1, beta2, eps)
        else:
            wide = w.shape[0] < w.shape[1]
            if (t - 1) % period == 0:
                left, _, right = torch.linalg.svd(g, full_matrices=False)
                state["P"] = left[:, :rank] if wide else right[:rank].T
            low = state["P"].T @ (g if wide else g.T)
            u = scale * state["P"] @ uncorrected(low, state, beta1, beta2, eps)
            u = u if wide else u.T
        w.sub_(lr * correction * u)
        w.sub_(lr * decay * w)

    return Written(rule)


def apollo(lr, rank, scale, per_tensor, growth, beta1, beta2, eps, decay):
    """arXiv:2412.05270, Algorithm 1, with the details of the authors' code and one projection."""

    def rule(w, g, state, t):
        correction = math.sqrt(1 - beta2**t) / (1 - beta1**t)
        if w.dim() != 2:
            u = uncorrected(g, state, beta1, beta2, eps)
        else:
            g = g if w.shape[0] < w.shape[1] else g.T
            r = drawn((rank, g.shape[0]), "apollo", w.shape[0]) @ g
            adapted = uncorrected(r, state, beta1, beta2, eps)
            u = g * (adapted.norm() / (r.norm() + 1e-8) if per_tensor else adapted.norm(dim=0) / (r.norm(dim=0) + 1e-8))
            if "norm" in state:
                u = u * min(1, growth * (state["norm"] + 1e-8) / u.norm())
            state["norm"] = u.norm()
            u = scale * (u if w.shape[0] < w.shape[1] else u.T)
        w.sub_(lr * correction * u)
        w.sub_(lr * decay * w)

    return Written(rule)


SECOND = {
    "lamb": {"defaults": lamb(2e-3, 0.9, 0.999, 1e-6, 0.01), "decay": lamb(0.1, 0.8, 0.95, 1e-4, 0.1)},
    "ademamix": {
        "defaults": ademamix(1e-4, 0.9, 0.999, 0.9999, 5, 20, 1e-8, 0.01),
        "ramped": ademamix(1e-2, 0.8, 0.95, 0.99, 3, 10, 1e-6, 0.1),
        "flat": ademamix(1e-2, 0.9, 0.95, 0.99, 2, 0, 1e-6, 0),
        "from-none": ademamix(1e-2, 0, 0.95, 0.99, 2, 40, 1e-6, 0),
    },
    "muon": {
        "defaults": of_muon(lr=5e-4, weight_decay=0.1, adjust_lr_fn="match_rms_adamw"),
        "original": of_muon(lr=1e-2, weight_decay=0.2, momentum=0.8, nesterov=False, adjust_lr_fn="original"),
    },
    "soap": {"defaults": soap(1e-4, 0.95, 0.95, 1e-8, 0.01, 10), "often": soap(1e-2, 0.9, 0.8, 1e-6, 0.1, 3)},
    "shampoo": {"defaults": shampoo(1e-3, 0.9, 1e-4, 0, 10), "often": shampoo(0.1, 0.5, 1e-2, 0.1, 1)},
    "asgo": {
        "defaults": asgo(5e-4, 0.9, 0.8, 1e-8, 0.1, False, True, 10),
        "plain": asgo(0.05, 0.5, 0, 1e-4, 0, True, False, 1),
        "average": asgo(1e-2, 0.9, 0.95, 1e-3, 0.1, False, False, 3),
    },
    "mars": {
        "defaults": mars(1e-4, 0.95, 0.99, 0.025, 1e-8, 0.01, "adamw"),
        "strong": mars(1e-2, 0.9, 0.95, 0.5, 1e-6, 0.1, "adamw", vectors=True),
        "lion": mars(1e-2, 0.9, 0.95, 0.1, 1e-8, 0.1, "lion", vectors=True),
        "shampoo": mars(1e-2, 0.9, 0.95, 0.1, 1e-8, 0.1, "shampoo"),
    },
    "adalayer": {"defaults": adalayer(1e-4, 0.9, 0.95, 1e-15, 0), "decay": adalayer(1e-2, 0.8, 0.99, 1e-3, 0.1)},
    "dion": {"low": dion(1e-2, 0.9, 0.1, 2)},
    "galore": {"low": galore(1e-2, 2, 7, 0.5, 0.9, 0.99, 1e-6, 0.1)},
    "apollo": {
        "channels": apollo(1e-2, 2, 1, False, 1.01, 0.9, 0.99, 1e-8, 0.1),
        "mini": apollo(1e-2, 2, 3, True, 1.5, 0.9, 0.99, 1e-8, 0),
    },
}


def schedule_free(lr, beta1, beta2, eps, decay):
    """arXiv:2405.15682 with Adam's step as in the authors' code: x, y and z; y is the parameter. The rate is constant."""

    def rule(w, g, state, t):
        x, z = state.get("x", w.clone()), state.get("z", w.clone())
        state["v"] = beta2 * state.get("v", 0) + (1 - beta2) * g**2
        z = z - lr * (g / ((state["v"] / (1 - beta2**t)).sqrt() + eps) + decay * w)
        state["x"], state["z"] = (1 - 1 / t) * x + z / t, z
        w.copy_((1 - beta1) * z + beta1 * state["x"])

    return Written(rule)


def sophia(lr, beta1, beta2, gamma, eps, period, decay):
    """arXiv:2305.14342, Algorithm 3, with the gradient of the step for the estimate."""

    def rule(w, g, state, t):
        state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
        if (t - 1) % period == 0:
            state["h"] = beta2 * state.get("h", 0) + (1 - beta2) * g**2
        w.sub_(lr * decay * w)
        w.sub_(lr * torch.clamp(state["m"] / torch.clamp(gamma * state["h"], min=eps), -1, 1))

    return Written(rule)


def tree(signed):
    """The 256 numbers of the dynamic tree of arXiv:2110.02861, section 1.3."""
    numbers = [0.0, 1.0]
    for i in range(7):
        edges = torch.linspace(0.1, 1, 2 ** (i if signed else i + 1) + 1)
        middles = ((edges[1:] + edges[:-1]) / 2 * 10.0 ** (i - 6)).tolist()
        numbers += middles + ([-x for x in middles] if signed else [])
    return torch.tensor(sorted(numbers))


def adam8bit(lr, beta1, beta2, eps, decay, block):
    """AdamW with moments in blocks of 8-bit codes (arXiv:2110.02861, section 2)."""

    def kept(x, book):
        flat = torch.nn.functional.pad(x.flatten(), (0, -x.numel() % block)).view(-1, block)
        largest = flat.abs().amax(1, keepdim=True)
        codes = ((flat / largest).unsqueeze(-1) - book).abs().argmin(-1)
        return (book[codes] * largest).flatten()[: x.numel()].view_as(x)

    def rule(w, g, state, t):
        m = beta1 * state.get("m", 0) + (1 - beta1) * g
        v = beta2 * state.get("v", 0) + (1 - beta2) * g**2
        w.sub_(lr * (m / (1 - beta1**t) / ((v / (1 - beta2**t)).sqrt() + eps) + decay * w))
        matrix = w.dim() == 2
        state["m"], state["v"] = (kept(m, tree(True)), kept(v, tree(False))) if matrix else (m, v)

    return Written(rule)


def adalomo(lr, eps, clip, exponent, decay):
    """arXiv:2310.10195, Algorithm 1, with the relative decay of the authors' code."""

    def rms(x):
        return (x**2).mean().sqrt()

    def rule(w, g, state, t):
        beta = 1 - t**-exponent
        if w.dim() == 2:
            state["r"] = beta * state.get("r", 0) + (1 - beta) * (g**2).mean(1, keepdim=True)
            state["c"] = beta * state.get("c", 0) + (1 - beta) * (g**2).mean(0, keepdim=True)
            v = state["r"] * state["c"] / state["r"].mean()
        else:
            v = state["v"] = beta * state.get("v", 0) + (1 - beta) * g**2
        u = g / v.sqrt()
        u = u / max(1, rms(u) / clip)
        w.sub_(lr * max(eps, rms(w)) * (u + decay * w))

    return Written(rule)


def lion_a_direction(g, state, beta):
    state["m"] = beta * state.get("m", 0) + (1 - beta) * g
    return torch.sign(beta * state["m"] + (1 - beta) * g)


def lion_a(lr, beta, decay):
    """arXiv:2410.23922, section 4: the sign at the length that AdamW's updates have on noise."""

    def rule(w, g, state, t):
        u = math.sqrt((1 - beta) / (1 + beta)) * lion_a_direction(g, state, beta)
        w.sub_(lr * (u + decay * w))

    return Written(rule)


def lion_ar(angle, beta, lr=1e-4):
    """arXiv:2410.23922, section 5: rows turn by an angle towards the sign, at their length."""

    def rule(w, g, state, t):
        s = lion_a_direction(g, state, beta)
        for row, sign in zip(w, s):
            length = row.norm()
            d = sign - (sign @ row) * row / length**2
            row.copy_(math.cos(angle) * row - math.sin(angle) * length * d / d.norm())

    return Fallback(Written(rule), lion_a(lr, beta, 0))


def adamw_rule(lr, beta1, beta2, eps, decay):
    return lambda w, g, state, t: w.sub_(lr * (adam_direction(g, state, t, beta1, beta2, eps) + decay * w))


class Turns:
    """BAdam (arXiv:2404.02827, Algorithm 1): blocks in turn, each with moments that begin at zero."""

    def __init__(self, rule, steps):
        self.rule, self.steps = rule, steps

    def __call__(self, parameters):
        self.blocks = sorted(parameters.items(), key=lambda item: (len(item[0]), item[0]))
        self.t = 0
        return self

    @torch.no_grad()
    def step(self):
        parameter = self.blocks[self.t // self.steps % len(self.blocks)][1]
        if self.t % self.steps == 0:
            self.state = {}
        self.rule(parameter, parameter.grad, self.state, self.t % self.steps + 1)
        self.t += 1


def nanoadam(lr, density, period, beta1, beta2, eps, decay, final=None, density_period=STEPS):
    """arXiv:2506.21374, Algorithm 1, whose density falls in a line; moments stay where weights stay chosen."""
    final = density if final is None else final

    def rule(w, g, state, t):
        share = density + (final - density) * ((t - 1) // density_period * density_period / STEPS)
        if (t - 1) % period == 0 or (t - 1) % density_period == 0:
            chosen = torch.zeros(w.numel(), dtype=torch.bool)
            chosen[w.abs().flatten().argsort(stable=True)[: max(1, math.floor(share * w.numel() + 0.5))]] = True
            state["chosen"] = chosen.view_as(w)
            state["m"] = state.get("m", torch.zeros_like(w)) * state["chosen"]
            state["v"] = state.get("v", torch.zeros_like(w)) * state["chosen"]
        u = adam_direction(g * state["chosen"], state, t, beta1, beta2, eps)
        w.sub_(lr * (u + decay * w) * state["chosen"])

    return Written(rule)


THIRD = {
    "schedule-free": {
        "defaults": schedule_free(3e-4, 0.9, 0.999, 1e-8, 0.01),
        "decay": schedule_free(1e-2, 0.8, 0.95, 1e-4, 0.1),
    },
    "sophia": {
        "defaults": sophia(3e-5, 0.965, 0.99, 1, 1e-12, 10, 0.1),
        "often": sophia(1e-2, 0.9, 0.9, 10, 1e-6, 3, 0.2),
    },
    "adam8bit": {"small-blocks": adam8bit(1e-2, 0.9, 0.99, 1e-6, 0.1, 4)},
    "lomo": {"plain": of_torch("SGD", lr=0.05, weight_decay=0.1)},
    "adalomo": {"defaults": adalomo(1e-2, 1e-3, 1, 0.8, 0), "decay": adalomo(0.1, 2.0, 0.7, 0.5, 0.1)},
    "liona": {"defaults": lion_a(1e-4, 0.9, 0.01), "decay": lion_a(1e-2, 0.8, 0.1)},
    "badam": {"in-turn": Turns(adamw_rule(1e-2, 0.9, 0.99, 1e-6, 0.1), 3)},
    "nanoadam": {
        "some": nanoadam(1e-1, 0.4, 4, 0.9, 0.99, 1e-6, 0.1),
        "falling": nanoadam(1e-1, 0.8, 4, 0.9, 0.99, 1e-6, 0.1, final=0.2, density_period=3),
    },
    "lionar": {"defaults": lion_ar(2e-3, 0.9), "wide": lion_ar(0.3, 0.8)},
}

# What begins as draws: the states that the draws of this script take the place of.
BEGUN = {
    "dion": {f"begun.{k}:basis": drawn((s[1], 2), "dion", s[0]) for k, s in SHAPES.items() if len(s) == 2},
    "apollo": {f"begun.{k}:projection": drawn((2, min(s)), "apollo", s[0]) for k, s in SHAPES.items() if len(s) == 2},
}

# Eigenvectors of what is singular are not unique: these matrices begin so.
ONLY = {"soap": ["square", "bias"], "shampoo": ["square", "bias"]}


def main():
    given = {f"start.{k}": v for k, v in start().items()} | {f"grad.{k}": v for k, v in gradients().items()}
    write(FOLDER / "given.safetensors", given)
    for name, cases in (FIRST | SECOND | THIRD).items():
        values = dict(BEGUN.get(name, {}))
        for case, make in cases.items():
            values |= {f"{case}.{k}": v for k, v in trajectory(make, ONLY.get(name)).items()}
        write(FOLDER / f"{name}.safetensors", values, wide=True)


if __name__ == "__main__":
    main()
