"""Random settings of optimizers and objectives, and what comes of them by their papers' equations, in float64.

Writes luthier-train/src/test/resources/golden/random/: settings.json, optimizers.safetensors, objectives.safetensors.
What is drawn in training (noise, dropout, directions, orders) is drawn by draws.py as Luthier draws it.
"""

import math

import draws as rng
import torch
import torch.nn.functional as F
from draws import Key
from golden import TRAIN, draws, write, write_json
from golden_objectives import pairs, supervised_contrastive, triplets
from golden_optimizers import STEPS, adamw_rule, gradients, lion_ar, start

CASES = 10
FOLDER = TRAIN / "random"


class Chance:
    """Draws the settings of a case."""

    def __init__(self, *key):
        self.generator = draws("random", *key)

    def between(self, low, high):
        return float(f"{self.generator.uniform(low, high):.3g}")

    def about(self, low, high):
        """Of any order of magnitude between."""
        return float(f"{math.exp(self.generator.uniform(math.log(low), math.log(high))):.3g}")

    def one(self, *of):
        return of[self.generator.integers(len(of))]


# Optimizers: their settings, and the parameters after some steps


def lionar(case):
    settings = {"angle": case.about(1e-3, 0.5), "lr": case.about(1e-4, 0.1), "beta": case.between(0, 0.99)}
    return settings, trained(lion_ar(settings["angle"], settings["beta"], settings["lr"]))


def trained(make):
    parameters = {k: v.double().requires_grad_() for k, v in start().items()}
    optimizer = make(parameters)
    for step in range(STEPS):
        for k, parameter in parameters.items():
            parameter.grad = gradients()[k][step].double()
        optimizer.step()
    return flat(parameters)


def flat(tensors):
    return torch.cat([tensors[k].detach().flatten() for k in sorted(tensors)])


def badam(case):
    settings = {
        "lr": case.about(1e-3, 0.1),
        "steps": case.one(1, 2, 3, 5, 7),
        "order": case.one("RANDOM", "ASCENDING", "DESCENDING"),
        "active": case.one("", "bias", "weight"),
        "beta1": case.between(0, 0.99),
        "beta2": case.between(0, 0.999),
        "epsilon": case.about(1e-8, 1e-2),
        "weight-decay": case.between(0, 0.5),
    }
    names = [k for k in ("bias", "square", "weight") if k != settings["active"]]
    rule = adamw_rule(*(settings[k] for k in ("lr", "beta1", "beta2", "epsilon", "weight-decay")))
    orders = Key(Key.of(7).to(0, "badam").bits(0))
    w, states = {k: v.double() for k, v in start().items()}, {}
    for step in range(STEPS):
        turn = step // settings["steps"]
        order = {
            "RANDOM": rng.permutation(orders.to(turn // len(names)), len(names)),
            "ASCENDING": list(range(len(names))),
            "DESCENDING": list(range(len(names)))[::-1],
        }[settings["order"]]
        if step % settings["steps"] == 0:
            states = {k: {} for k in w}
        for k in {names[order[turn % len(names)]], settings["active"]} - {""}:
            rule(w[k], gradients()[k][step].double(), states[k], step % settings["steps"] + 1)
    return settings, flat(w)


def mezo(case):
    """The loss is half the square of the parameters."""
    settings = {"lr": case.about(1e-4, 1e-1), "epsilon": case.about(1e-4, 1), "weight-decay": case.between(0, 0.5)}
    lr, eps, decay = settings.values()
    w = {k: v.double() for k, v in start().items()}
    for step in range(STEPS):
        z = {k: rng.ziggurat(Key.of(7).to(step, "mezo", k), v.numel()).view(v.shape) for k, v in w.items()}
        above, below = ((sum(((w[k] + s * eps * z[k]) ** 2).sum() for k in w) / 2).item() for s in (1, -1))
        slope = (above - below) / (2 * eps)
        w = {k: w[k] - lr * decay * w[k] - lr * slope * z[k] for k in w}
    return settings, flat(w)


def sam(case):
    """The loss is half the square of the parameters times a curvature; SGD after it."""
    settings = {"rho": case.about(1e-2, 2), "adaptive": case.one(True, False), "curvature": case.between(0.5, 4)}
    rho, adaptive, c = settings.values()
    w = {k: v.double() for k, v in start().items()}
    for _ in range(5):
        g = {k: c * v for k, v in w.items()}
        scaled = {k: w[k].abs() * g[k] for k in w} if adaptive else g
        norm = flat(scaled).norm()
        worst = {k: w[k] + rho * (w[k].abs() * scaled[k] if adaptive else g[k]) / norm for k in w}
        w = {k: w[k] - 0.1 * c * worst[k] for k in w}
    return settings, flat(w)


def walk():
    """The parameters after each step of SGD."""
    w = {k: v.double() for k, v in start().items()}
    for step in range(STEPS):
        w = {k: v - 0.1 * gradients()[k][step].double() for k, v in w.items()}
        yield step, flat(w)


def ema(case):
    settings, mean = {"decay": case.between(0, 0.999)}, None
    for t, w in walk():
        d = min(settings["decay"], (1 + t) / (10 + t))
        mean = w if mean is None else d * mean + (1 - d) * w
    return settings, mean


def swa(case):
    settings = {"from": case.between(0, 0.7), "every": case.one(1, 2, 3, 4)}
    kept = [w for t, w in walk() if t >= settings["from"] * STEPS and (t + 1) % settings["every"] == 0]
    return settings, torch.stack(kept).mean(0)


# Objectives: their settings, the loss, and its gradients

LENGTHS, ROWS, WIDTH, CLASSES = [2, 1, 3, 1, 2, 1], [4, 0, 7, 1, 9, 30], 3, 3
PARTS = {
    "words": (sum(LENGTHS), WIDTH),
    "inner.weight": (WIDTH, WIDTH),
    "inner.bias": (WIDTH,),
    "head.weight": (CLASSES, WIDTH),
    "head.bias": (CLASSES,),
}


def weights(key, recorded=False):
    return {k: rng.uniform(key.to(k), -1, 1, *s).requires_grad_(recorded) for k, s in PARTS.items()}


def drop(key, p):
    return rng.dropout([key.to("words", r) for r in ROWS], LENGTHS, WIDTH, p)


def means(x):
    return torch.stack([part.mean(0) for part in x.split(LENGTHS)])


def answer(w, multiplier=1, added=0, inner=None):
    """Words, changed and with dropout, through a layer; its mean over a text through the head."""
    x = (w["words"] + added) * multiplier
    hidden = torch.tanh(x @ (w["inner.weight"] if inner is None else inner).T + w["inner.bias"])
    return hidden, means(hidden) @ w["head.weight"].T + w["head.bias"]


def noise(key, kind, strength):
    draw = (lambda k, *s: rng.uniform(k, -1, 1, *s)) if kind == "UNIFORM" else rng.normal
    return torch.cat([draw(key.to(r), n, WIDTH) * strength(n) for r, n in zip(ROWS, LENGTHS)])


class Case:
    """A model, a batch and a step: what an objective is asked with."""

    def __init__(self, chance, number):
        self.chance, self.key = chance, Key.of(number)
        self.passing = self.key.to("pass")
        self.start, self.now = weights(self.key.to("start")), weights(self.key.to("now"), True)
        self.flags = False
        self.p = chance.one(0.1, 0.3)
        self.labels = [self.key.to("labels").below(i, CLASSES) for i in range(len(LENGTHS))]
        self.several = rng.uniform(self.key.to("flags"), 0, 1, len(LENGTHS), CLASSES).round()

    def settings(self, **more):
        return {"dropout": self.p, "flags": self.flags} | more

    def multiplier(self, key=None):
        return drop(key or self.passing, self.p)

    def plain(self, logits, labels=None):
        if self.flags:
            return F.binary_cross_entropy_with_logits(logits, self.several, reduction="sum")
        labels = self.labels if labels is None else labels
        return F.cross_entropy(logits, torch.tensor(labels), reduction="sum")

    def weight(self):
        return self.several.numel() if self.flags else len(LENGTHS)

    def distribution(self, logits):
        kind = torch.distributions.Bernoulli if self.flags else torch.distributions.Categorical
        return kind(logits=logits)

    def kl(self, a, b):
        return torch.distributions.kl_divergence(self.distribution(a), self.distribution(b)).sum()

    def both_ways(self, a, b):
        return self.kl(a, b) + self.kl(b, a)


def r_drop(c):
    c.flags = c.chance.one(True, False)
    alpha = c.chance.between(0.1, 5)
    one = answer(c.now, c.multiplier())[1]
    two = answer(c.now, c.multiplier(c.key.to("draw", 1, "pass")))[1]
    return c.settings(alpha=alpha), (c.plain(one) + c.plain(two)) / 2 + alpha / 2 * c.both_ways(one, two)


def neftune(c):
    alpha = c.chance.between(0.1, 15)
    added = noise(c.passing.to("neftune"), "UNIFORM", lambda n: alpha / math.sqrt(n * WIDTH))
    return c.settings(alpha=alpha), c.plain(answer(c.now, c.multiplier(), added)[1])


def r3f(c):
    c.flags = c.chance.one(True, False)
    more = {
        "lambda": c.chance.between(0.1, 3),
        "sigma": c.chance.about(1e-2, 1),
        "noise": c.chance.one("UNIFORM", "NORMAL"),
        "spectral": c.chance.between(0, 2),
    }
    size = torch.linalg.svdvals(c.now["head.weight"])
    if size[1] > 0.7 * size[0]:
        more["spectral"] = 0.0  # fifty steps of power iteration would not come near enough
    clean = answer(c.now, c.multiplier())[1]
    noised = answer(c.now, c.multiplier(), noise(c.passing.to("r3f"), more["noise"], lambda n: more["sigma"]))[1]
    excess = F.relu(torch.linalg.matrix_norm(c.now["head.weight"], ord=2) - 1) ** 2
    loss = c.plain(clean) + more["lambda"] * c.both_ways(clean, noised) + more["spectral"] * excess * c.weight()
    return c.settings(**more), loss


def smart(c):
    """Two steps: in the first the average begins, at the start; the second is what is compared."""
    c.flags = c.chance.one(True, False)
    more = {
        "lambda": c.chance.between(0.1, 3),
        "mu": c.chance.between(0.1, 3),
        "epsilon": c.chance.about(1e-2, 0.5),
        "eta": c.chance.about(1e-2, 0.5),
        "sigma": c.chance.about(1e-2, 0.3),
        "steps": c.chance.one(1, 2, 3),
        "beta": c.chance.between(0, 0.99),
    }
    average = {k: more["beta"] * c.start[k] + (1 - more["beta"]) * c.now[k].detach() for k in PARTS}
    before = answer(average, c.multiplier())[1]
    clean = answer(c.now, c.multiplier())[1]
    z = noise(c.key.to("smart"), "NORMAL", lambda n: more["sigma"])
    for _ in range(more["steps"]):
        z = z.detach().requires_grad_()
        (g,) = torch.autograd.grad(c.both_ways(clean.detach(), answer(c.now, c.multiplier(), z)[1]), z)
        up = torch.cat([part / part.abs().max() for part in g.split(LENGTHS)])
        z = (z.detach() + more["eta"] * up).clamp(-more["epsilon"], more["epsilon"])
    moved = answer(c.now, c.multiplier(), z)[1]
    penalty = more["lambda"] * c.both_ways(clean, moved) + more["mu"] * c.both_ways(clean, before)
    return c.settings(**more), c.plain(clean) + penalty


def mixout(c):
    p = c.chance.between(0.05, 0.95)
    multiplier = rng.dropout([c.passing.to("inner", "mixout")], [WIDTH], WIDTH, p)
    old = c.start["inner.weight"]
    mixed = old + multiplier * (c.now["inner.weight"] - old)
    return c.settings(p=p), c.plain(answer(c.now, c.multiplier(), inner=mixed)[1])


def l2_sp(c):
    alpha, beta = c.chance.about(1e-3, 1), c.chance.about(1e-3, 1)
    away = sum(((c.now[k] - c.start[k]) ** 2).sum() for k in PARTS if not k.startswith("head"))
    new = sum((c.now[k] ** 2).sum() for k in PARTS if k.startswith("head"))
    loss = c.plain(answer(c.now, c.multiplier())[1]) + c.weight() * (alpha * away + beta * new) / 2
    return c.settings(alpha=alpha, beta=beta), loss


def z_loss(c):
    strength = c.chance.about(1e-4, 1)
    logits = answer(c.now, c.multiplier())[1]
    return c.settings(strength=strength), c.plain(logits) + strength * (logits.exp().sum(1).log() ** 2).sum()


def mixup(c):
    alpha = c.chance.between(0.1, 4)
    key, i = c.key.to("mixup"), 0
    while True:  # Jöhnk 1964
        x, y = (key.to("share").uniform(i + j) ** (1 / alpha) for j in (0, 1))
        if 0 < x + y <= 1:
            break
        i += 2
    share, partners = x / (x + y), rng.permutation(key.to("partners"), len(LENGTHS))
    texts = c.now["words"].split(LENGTHS)
    blended = []
    for own, other in zip(texts, (texts[j] for j in partners)):
        other = torch.cat([other, torch.zeros_like(own)])[: len(own)]
        blended.append(share * own + (1 - share) * other)
    logits = answer(c.now | {"words": torch.cat(blended)}, c.multiplier())[1]
    theirs = [c.labels[j] for j in partners]
    return c.settings(alpha=alpha), share * c.plain(logits) + (1 - share) * c.plain(logits, theirs)


def distillation(c):
    c.flags = c.chance.one(True, False)
    more = {
        "temperature": c.chance.between(0.5, 6),
        "alpha": c.chance.between(0.05, 1),
        "hidden": c.chance.between(0, 2),
    }
    taught, said = answer(c.start)
    hidden, logits = answer(c.now, c.multiplier())
    t = more["temperature"]
    turned = (1 - F.cosine_similarity(taught, hidden, dim=1, eps=0)).sum()
    loss = (1 - more["alpha"]) * c.plain(logits) + more["alpha"] * t**2 * c.kl(said / t, logits / t)
    return c.settings(**more), loss + more["hidden"] * turned


def embedded(c, pooling, unit):
    hidden = answer(c.now, c.multiplier())[0]
    z = means(hidden) if pooling == "MEAN" else torch.stack([part[0] for part in hidden.split(LENGTHS)])
    return F.normalize(z, dim=1) if unit else z


def contrastive_pairs(c):
    more = {
        "margin": c.chance.between(0.1, 3),
        "pooling": c.chance.one("MEAN", "FIRST"),
        "unit": c.chance.one(True, False),
    }
    return c.settings(**more), len(LENGTHS) * pairs(embedded(c, more["pooling"], more["unit"]), c.labels, more["margin"])


def triplet(c):
    more = {
        "margin": c.chance.between(0.05, 2),
        "negatives": c.chance.one("RANDOM", "SEMI_HARD"),
        "pooling": c.chance.one("MEAN", "FIRST"),
    }
    z, n = embedded(c, more["pooling"], True), len(LENGTHS)
    if more["negatives"] == "SEMI_HARD":
        return c.settings(**more), n * triplets(z, c.labels, more["margin"])
    terms = []
    for a in range(n):
        others = [j for j in range(n) if c.labels[j] != c.labels[a]]
        for p in range(n):
            if others and p != a and c.labels[p] == c.labels[a]:
                j = others[c.key.to("triplet", a).below(p, len(others))]
                near, far = ((z[a] - z[p]) ** 2).sum(), ((z[a] - z[j]) ** 2).sum()
                terms.append(F.relu(near - far + more["margin"]))
    return c.settings(**more), n * torch.stack(terms).mean()


def contrast(c):
    more = {"temperature": c.chance.about(0.05, 2), "pooling": c.chance.one("MEAN", "FIRST")}
    loss = supervised_contrastive(embedded(c, more["pooling"], True), c.labels, more["temperature"])
    return c.settings(**more), len(LENGTHS) * loss


OPTIMIZERS = {"lionar": lionar, "badam": badam, "mezo": mezo, "sam": sam, "ema": ema, "swa": swa}
OBJECTIVES = {
    "r-drop": r_drop,
    "neftune": neftune,
    "r3f": r3f,
    "smart": smart,
    "mixout": mixout,
    "l2-sp": l2_sp,
    "z-loss": z_loss,
    "mixup": mixup,
    "distillation": distillation,
    "contrastive-pairs": contrastive_pairs,
    "triplet": triplet,
    "supervised-contrastive": contrast,
}


def main():
    settings, values = {}, {}
    for name, of in OPTIMIZERS.items():
        for i in range(CASES):
            settings[f"{name}.{i}"], values[f"{name}.{i}"] = of(Chance(name, i))
    write(FOLDER / "optimizers.safetensors", values)
    values = {}
    for name, of in OBJECTIVES.items():
        for i in range(CASES):
            case = Case(Chance(name, i), 100 * list(OBJECTIVES).index(name) + i)
            settings[f"{name}.{i}"], loss = of(case)
            found = torch.autograd.grad(loss, case.now.values(), allow_unused=True)
            zeros = (torch.zeros_like(w) for w in case.now.values())
            values[f"{name}.{i}"] = torch.cat([loss.view(1), *((z if g is None else g).flatten() for g, z in zip(found, zeros))])
    write(FOLDER / "objectives.safetensors", values)
    write_json(FOLDER / "settings.json", settings)


if __name__ == "__main__":
    main()
