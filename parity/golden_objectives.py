"""Golden files of objectives. Writes luthier-train/src/test/resources/golden/objectives/.

What torch has is asked of torch; the rest is worked out from the papers' formulas, as plainly as can be.
"""

import torch
import torch.nn.functional as F
from golden import TRAIN, normal, write

CLASSES = torch.tensor([3, 0, 2, 2, 1, 3])
COMPANY = torch.tensor([2, 0, 2, 2, 1, 0])  # three of one class, two of another, one alone


def focal(logits, gamma, alpha):
    """Lin et al. 2017, equation 5, one number at a time."""
    total = 0
    for row, label in zip(logits, CLASSES):
        p = row.softmax(0)[label]
        total = total - alpha[label] * (1 - p) ** gamma * p.log()
    return total


def focal_several(logits, flags, gamma, alpha):
    """The same where every class is a decision of its own."""
    p = logits.sigmoid()
    p_t = torch.where(flags > 0, p, 1 - p)
    alpha_t = torch.where(flags > 0, torch.tensor(alpha).double(), torch.tensor(1 - alpha).double())
    return (-alpha_t * (1 - p_t) ** gamma * p_t.log()).sum()


def pairs(z, classes, margin):
    """Hadsell et al. 2006: the mean over all pairs."""
    terms = []
    for i in range(len(z)):
        for j in range(i):
            d = (z[i] - z[j]).norm()
            terms.append(d**2 if classes[i] == classes[j] else F.relu(margin - d) ** 2)
    return torch.stack(terms).mean()


def triplets(z, classes, margin):
    """Schroff et al. 2015: semi-hard negatives, the farthest where there is none; the mean over all pairs of a class."""
    terms = []
    for a in range(len(z)):
        for p in range(len(z)):
            if a == p or classes[a] != classes[p]:
                continue
            near = ((z[a] - z[p]) ** 2).sum()
            far = [((z[a] - z[n]) ** 2).sum() for n in range(len(z)) if classes[n] != classes[a]]
            semi = [d for d in far if near < d < near + margin]
            terms.append(F.relu(near - (min(semi) if semi else max(far)) + margin))
    return torch.stack(terms).mean()


def supervised_contrastive(z, classes, temperature):
    """Khosla et al. 2020, equation 2: the mean over the texts that are not alone in their class."""
    terms = []
    for i in range(len(z)):
        others = [a for a in range(len(z)) if a != i]
        own = [p for p in others if classes[p] == classes[i]]
        if own:
            total = sum(torch.exp(z[i] @ z[a] / temperature) for a in others)
            terms.append(-sum(torch.log(torch.exp(z[i] @ z[p] / temperature) / total) for p in own) / len(own))
    return torch.stack(terms).mean()


def divergences():
    """Kullback-Leibler divergences as torch.distributions has them, and the largest singular value of a matrix."""
    a, b = normal((6, 4), 2, "one answer").double(), normal((6, 4), 2, "another").double()
    one, other = torch.distributions.Categorical(logits=a), torch.distributions.Categorical(logits=b)
    yes, no = torch.distributions.Bernoulli(logits=a), torch.distributions.Bernoulli(logits=b)
    kl = torch.distributions.kl_divergence
    softened = F.kl_div((b / 2).log_softmax(1), (a / 2).softmax(1), reduction="sum")
    several = kl(torch.distributions.Bernoulli(logits=a / 2), torch.distributions.Bernoulli(logits=b / 2)).sum()
    values = {
        "a": a,
        "b": b,
        "symmetric": (kl(one, other) + kl(other, one)).sum(),
        "symmetric-several": (kl(yes, no) + kl(no, yes)).sum(),
        "one-way-softened": softened,
        "one-way-softened-several": several,
        "spectral-norm": torch.linalg.matrix_norm(a, ord=2),
    }
    write(TRAIN / "objectives/divergences.safetensors", values, wide=True)


def ctc():
    """torch's CTC loss of three targets: one with a repetition, one that is empty, one that does not fit."""
    logits = normal((7, 4), 1, "ctc").double().requires_grad_()
    values = {"logits": logits}
    for name, target in {"repeated": [1, 3, 3, 2], "empty": []}.items():
        x = logits.detach().clone().requires_grad_()
        labels = torch.tensor(target, dtype=torch.long)
        loss = F.ctc_loss(
            x.log_softmax(1), labels, torch.tensor([7]), torch.tensor([len(target)]), blank=0, reduction="sum"
        )
        loss.backward()
        values |= {f"{name}.loss": loss, f"{name}.grad": x.grad}
    write(TRAIN / "objectives/ctc.safetensors", values, wide=True)


def save(name, loss, over, logits, **more):
    """Writes the sum, its weight, and the gradient of the quotient by the logits."""
    (loss / over).backward()
    values = dict(logits=logits, loss_sum=loss, loss_weight=torch.tensor(float(over)), **more)
    write(TRAIN / f"objectives/{name}.safetensors", values | {"grad.logits": logits.grad})


def leaf(*name, shape=(6, 4)):
    return normal(shape, 2, *name).double().requires_grad_()


def main():
    weights = torch.tensor([0.5, 2.0, 1.0, 0.25]).double()
    ones = torch.ones(4).double()
    flags = (normal((6, 4), 1, "labels") > 0).float()
    targets = normal((6, 1), 2, "targets")

    x = leaf("focal")
    save("focal", focal(x, 2, ones), 6, x, labels=CLASSES)
    x = leaf("focal")
    save("focal-weighted", focal(x, 1.5, weights), weights[CLASSES].sum(), x, labels=CLASSES, weight=weights)
    x = leaf("focal")
    save("focal-several", focal_several(x, flags.double(), 2, 0.25), 24, x, labels=flags)
    x = leaf("mae", shape=(6, 1))
    save("mae", F.l1_loss(x, targets.double(), reduction="sum"), 6, x, labels=targets)
    x = leaf("mae", shape=(6, 1))
    save("huber", F.huber_loss(x, targets.double(), reduction="sum", delta=1.5), 6, x, labels=targets)


    for name, loss in {
        "contrastive-pairs": lambda z: pairs(z, COMPANY, 1.1),
        "triplet": lambda z: triplets(z, COMPANY, 0.9),
        "supervised-contrastive": lambda z: supervised_contrastive(z, COMPANY, 0.3),
    }.items():
        x = leaf("embeddings")
        save(name, loss(F.normalize(x, dim=1)) * 6, 6, x, labels=COMPANY)

    for name, kind, labels in [("several", torch.sigmoid, flags), ("classes", lambda z: z.softmax(1), CLASSES)]:
        truth = (flags if name == "several" else F.one_hot(CLASSES, 4)).double()
        x = leaf("overlap")
        a = kind(x)
        dice = 1 - (2 * (a * truth).sum() + 0.5) / (a.sum() + truth.sum() + 0.5)
        save(f"dice-{name}", dice * 6, 6, x, labels=labels)
        x = leaf("overlap")
        a = kind(x)
        union = a.sum() + truth.sum() - (a * truth).sum()
        save(f"jaccard-{name}", (1 - ((a * truth).sum() + 0.5) / (union + 0.5)) * 6, 6, x, labels=labels)

    divergences()
    ctc()


if __name__ == "__main__":
    main()
